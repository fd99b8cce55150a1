"""PPO on CartPole-v1 in jax: environment, rollout and update are one compiled function."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import optax

from benchmarks.peers.jax_actor_critic import clipped_surrogate, network, optimizer, run
from benchmarks.peers.jax_advantages import advantages

if TYPE_CHECKING:
    from collections.abc import Callable

ENVS, STEPS, MINIBATCHES, EPOCHS = 4, 128, 4, 4
_EDGE, _TILT, _LONGEST = 2.4, 12 * jnp.pi / 180, 500
_GAMMA, _LAMBDA, _ENTROPY, _VALUE = 0.99, 0.95, 0.01, 0.5


def sample(timesteps: int) -> Callable[[], float]:
    """Seconds for a timestep of a compiled training."""
    updates = max(timesteps // (ENVS * STEPS), 1)
    train = jax.jit(partial(_train, updates=updates))
    jax.block_until_ready(train(jax.random.key(0)))

    def take() -> float:
        start = time.perf_counter()
        jax.block_until_ready(train(jax.random.key(1)))
        return (time.perf_counter() - start) / (updates * ENVS * STEPS)

    return take


def compiling_sample() -> Callable[[], float]:
    """Seconds until the end of the first update, including compilation."""

    def take() -> float:
        jax.clear_caches()
        start = time.perf_counter()
        jax.block_until_ready(jax.jit(partial(_train, updates=1))(jax.random.key(1)))
        return time.perf_counter() - start

    return take


def _fresh(key: Any) -> Any:
    """Positions and speeds of cart and pole, uniform within 0.05, and the step of the episode."""
    return jax.random.uniform(key, (ENVS, 4), minval=-0.05, maxval=0.05), jnp.zeros(ENVS)


def _step(env: Any, actions: Any, key: Any) -> tuple[Any, Any]:
    """The dynamics of Barto, Sutton and Anderson (1983); the reward is 1, and an ended episode is reset."""
    state, age = env
    x, speed, angle, spin = state.T
    force = jnp.where(actions == 1, 10.0, -10.0)
    cosine, sine = jnp.cos(angle), jnp.sin(angle)
    pushed = (force + 0.05 * spin**2 * sine) / 1.1
    turning = (9.8 * sine - cosine * pushed) / (0.5 * (4 / 3 - 0.1 * cosine**2 / 1.1))
    moving = pushed - 0.05 * turning * cosine / 1.1
    state = jnp.stack([x + 0.02 * speed, speed + 0.02 * moving, angle + 0.02 * spin, spin + 0.02 * turning], 1)
    age = age + 1
    ended = (jnp.abs(state[:, 0]) > _EDGE) | (jnp.abs(state[:, 2]) > _TILT) | (age >= _LONGEST)
    first, zero = _fresh(key)
    return (jnp.where(ended[:, None], first, state), jnp.where(ended, zero, age)), ended


def _train(key: Any, updates: int) -> Any:
    actor_key, critic_key, env_key, key = jax.random.split(key, 4)
    parameters = {
        "actor": network(actor_key, (4, 64, 64, 2), 0.01),
        "critic": network(critic_key, (4, 64, 64, 1), 1.0),
    }
    adam = optimizer(optax.linear_schedule(2.5e-4, 0.0, updates * MINIBATCHES * EPOCHS))

    def act(carried: Any, key: Any) -> tuple[Any, Any]:
        parameters, env = carried
        draw, restart = jax.random.split(key)
        observations = env[0]
        logits = jax.nn.log_softmax(run(parameters["actor"], observations))
        values = run(parameters["critic"], observations)[:, 0]
        actions = jax.random.categorical(draw, logits)
        log_probs = jnp.take_along_axis(logits, actions[:, None], 1)[:, 0]
        env, ended = _step(env, actions, restart)
        return (parameters, env), (observations, actions, log_probs, values, ended.astype(jnp.float32))

    def loss(parameters: Any, minibatch: Any) -> Any:
        observations, actions, old_log_probs, weights, targets = minibatch
        logits = jax.nn.log_softmax(run(parameters["actor"], observations))
        log_probs = jnp.take_along_axis(logits, actions[:, None], 1)[:, 0]
        entropy = -(jnp.exp(logits) * logits).sum(1).mean()
        errors = run(parameters["critic"], observations)[:, 0] - targets
        surrogate = clipped_surrogate(log_probs, old_log_probs, weights)
        return surrogate + _VALUE * (errors**2).mean() - _ENTROPY * entropy

    def learn(held: Any, minibatch: Any) -> tuple[Any, None]:
        parameters, state = held
        steps, state = adam.update(jax.grad(loss)(parameters, minibatch), state)
        return (optax.apply_updates(parameters, steps), state), None

    def update(carried: Any, key: Any) -> tuple[Any, Any]:
        parameters, state, env = carried
        acting, shuffling = jax.random.split(key)
        (_, env), rollout = jax.lax.scan(act, (parameters, env), jax.random.split(acting, STEPS))
        observations, actions, log_probs, values, ended = rollout
        last = run(parameters["critic"], env[0])[:, 0]
        weights = advantages(jnp.ones_like(values), values, ended, last, _GAMMA, _LAMBDA)
        rows = [x.reshape(-1, *x.shape[2:]) for x in (observations, actions, log_probs, weights, weights + values)]

        def epoch(held: Any, key: Any) -> Any:
            order = jax.random.permutation(key, ENVS * STEPS)
            return jax.lax.scan(learn, held, [x[order].reshape(MINIBATCHES, -1, *x.shape[1:]) for x in rows])

        held, _ = jax.lax.scan(epoch, (parameters, state), jax.random.split(shuffling, EPOCHS))
        return (*held, env), ended.sum()

    carried = (parameters, adam.init(parameters), _fresh(env_key))
    return jax.lax.scan(update, carried, jax.random.split(key, updates))
