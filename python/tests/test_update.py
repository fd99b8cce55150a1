"""One update of PPO against the same update written in NumPy float64."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from tests.oracle import Numbers, Oracle, log_softmax

STEPS, ENVS = 40, 2
GAMMA, LAMBDA, CLIP, ENTROPY, VALUE = 0.9, 0.8, 0.1, 0.03, 0.7
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-5


class Tabled(gymnasium.Env[Any, Any]):
    """An environment that records its steps, with observations and rewards drawn beforehand."""

    def __init__(self, action_space: Any, seed: int) -> None:
        draws = np.random.default_rng(seed)
        self.observation_space = spaces.Box(-np.inf, np.inf, (3,), np.float32)
        self.action_space = action_space
        self.rollout: dict[str, list[Any]] = defaultdict(list)
        self._observations = iter(draws.normal(size=(2 * STEPS, 3)).astype(np.float32))
        self._rewards = draws.normal(size=STEPS).astype(np.float32)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self._current = next(self._observations)
        return self._current, {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        number = len(self.rollout["rewards"]) + 1
        step = {
            "observations": self._current,
            "actions": np.array(action),
            "rewards": float(self._rewards[number - 1]),
            "terminated": number % 11 == 0,
            "truncated": number % 7 == 0,
            "next_observations": next(self._observations),
        }
        for name, value in step.items():
            self.rollout[name].append(value)
        self._current = step["next_observations"]
        return self._current, step["rewards"], step["terminated"], step["truncated"], {}


def rows(envs: list[Tabled], name: str) -> Numbers:
    """Steps × environments."""
    return np.stack([np.asarray(env.rollout[name], np.float64) for env in envs], 1)


def advantages(policy: pgrad.Policy, envs: list[Tabled], parameters: Numbers) -> tuple[Numbers, Numbers]:
    """Generalised advantages and the targets of the value function."""
    value = Oracle(policy, rows(envs, "observations").reshape(-1, 3), parameters).value().reshape(STEPS, ENVS)
    following = Oracle(policy, rows(envs, "next_observations").reshape(-1, 3), parameters).value().reshape(STEPS, ENVS)
    terminated, ended = rows(envs, "terminated"), rows(envs, "terminated") + rows(envs, "truncated") > 0
    # δ_t = r_t + γ V(s_{t+1}) - V(s_t), where V is 0 after a terminal step
    delta = rows(envs, "rewards") + GAMMA * np.where(terminated > 0, 0, following) - value
    result, advantage = np.zeros_like(delta), np.zeros(ENVS)
    for step in reversed(range(STEPS)):
        advantage = delta[step] + np.where(ended[step], 0, GAMMA * LAMBDA * advantage)
        result[step] = advantage
    return result.ravel(), (result + value).ravel()


def gradient(oracle: Oracle, actions: Numbers, weights: Numbers, values: Numbers, *, discrete: bool) -> Numbers:
    """The gradient of Σ weights · log π(a|s) + ENTROPY · mean H + Σ values · V(s)."""
    count = len(weights)
    if discrete:
        log_probs = log_softmax(oracle.outputs)
        p = np.exp(log_probs)
        # ∂log π/∂z = 1[a] - p and ∂H/∂z = -p (log p + H)
        outputs = weights[:, None] * (np.eye(p.shape[1])[actions[:, 0].astype(int)] - p)
        outputs -= ENTROPY / count * p * (log_probs + oracle.entropy()[:, None])
        return oracle.gradient(outputs, np.empty(0), values)
    deviations = np.exp(oracle.log_std)
    z = (actions - oracle.outputs) / deviations
    # ∂log π/∂μ = z/σ, ∂log π/∂log σ = z² - 1 and ∂H/∂log σ = 1
    return oracle.gradient(weights[:, None] * z / deviations, weights @ (z**2 - 1) + ENTROPY, values)


def numpy_update(
    policy: pgrad.Policy, envs: list[Tabled], parameters: Numbers, options: dict[str, Any], *, discrete: bool
) -> Numbers:
    """The parameters after epochs of one minibatch, all rows."""
    observations = rows(envs, "observations").reshape(-1, 3)
    actions = rows(envs, "actions").reshape(STEPS * ENVS, -1)
    advantage, target = advantages(policy, envs, parameters)
    advantage = (advantage - advantage.mean()) / (advantage.std(ddof=1) + 1e-8)
    old = Oracle(policy, observations, parameters).log_prob(actions)
    first, second = np.zeros_like(parameters), np.zeros_like(parameters)
    for step in range(1, options["n_epochs"] + 1):
        oracle = Oracle(policy, observations, parameters)
        ratio = np.exp(oracle.log_prob(actions) - old)
        climbs = ratio * advantage <= np.clip(ratio, 1 - CLIP, 1 + CLIP) * advantage
        weights = np.where(climbs, ratio * advantage, 0) / len(target)
        values = -2 * VALUE * (oracle.value() - target) / len(target)
        ascent = gradient(oracle, actions, weights, values, discrete=discrete)
        if options["max_grad_norm"] is not None:
            ascent = ascent * min(1, options["max_grad_norm"] / np.linalg.norm(ascent))
        if options["optimizer"] == "sgd":
            parameters = parameters + options["learning_rate"] * ascent
            continue
        first = BETA1 * first + (1 - BETA1) * ascent
        second = BETA2 * second + (1 - BETA2) * ascent**2
        deviation = np.sqrt(second / (1 - BETA2**step))
        parameters = parameters + options["learning_rate"] * first / (1 - BETA1**step) / (deviation + EPSILON)
    return parameters


ADAM = {"n_epochs": 1, "learning_rate": 3e-4, "max_grad_norm": 0.5, "optimizer": "adam"}
UPDATES = [ADAM, ADAM | {"n_epochs": 10, "learning_rate": 3e-3}]
GRADIENT = {"n_epochs": 1, "learning_rate": 1.0, "max_grad_norm": None, "optimizer": "sgd"}


@pytest.mark.parametrize("options", [*UPDATES, GRADIENT], ids=["one step", "ten epochs", "the gradient alone"])
@pytest.mark.parametrize("action_space", [spaces.Discrete(3), spaces.Box(-100, 100, (2,), np.float32)], ids=repr)
def test_an_update_is_the_one_written_in_float64(action_space: Any, options: dict[str, Any]) -> None:
    envs = [Tabled(action_space, seed) for seed in range(ENVS)]
    agent = pgrad.PPO(
        [lambda env=env: env for env in envs],
        n_steps=STEPS,
        batch_size=STEPS * ENVS,
        gamma=GAMMA,
        gae_lambda=LAMBDA,
        clip_range=CLIP,
        ent_coef=ENTROPY,
        vf_coef=VALUE,
        hidden_sizes=(64, 64),
        seed=3,
        **options,
    )
    agent.policy.parameters = np.random.default_rng(9).normal(0, 0.15, agent.policy.parameter_count)
    before = agent.policy.parameters.astype(np.float64)
    agent.learn(STEPS * ENVS)
    discrete = isinstance(action_space, spaces.Discrete)
    expected = numpy_update(agent.policy, envs, before, options, discrete=discrete)
    error = agent.policy.parameters - expected
    # Parameters near 0.15 have roundings of 7e-9. Adam multiplies the rounding of a gradient near 0 by up to
    # learning_rate / ε, which is 30 for one step, and 300 for ten epochs.
    assert np.abs(error).max() <= 1e-6
    if options is GRADIENT:
        # A longer step than Adam's, which is 3e-4 and of which the roundings of parameters are 1e-5.
        assert np.linalg.norm(error) <= 1e-6 * np.linalg.norm(expected - before)
