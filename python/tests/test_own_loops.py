"""Loops of one's own: algorithms built from a policy's functions end where the agents do."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pgrad
from tests.helpers import CC

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "python" / "examples"
OBSERVATIONS = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
SPACES = [
    pgrad.Categorical(3),
    pgrad.Bernoulli(2),
    pgrad.Gaussian(2),
    pgrad.SquashedGaussian(2, -1, 2),
    pgrad.Beta(2, 0, 3),
    pgrad.Hybrid(pgrad.Categorical(3), pgrad.Gaussian(1)),
]


def example(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a2c_by_hand_is_the_agent() -> None:
    agent = pgrad.A2C("pgrad/CartPole-v1", n_envs=8, seed=1).learn(100 * 40)
    policy = example("a2c_by_hand").train(100)
    np.testing.assert_allclose(policy.parameters, agent.policy.parameters, rtol=0, atol=1e-5)


def test_ppo_by_hand_is_the_agent() -> None:
    options: Any = {"ent_coef": 0.01, "learning_rate_schedule": "linear"}
    agent = one_minibatch_ppo(seed=1, **options)
    policy = example("ppo_by_hand").train(10)
    np.testing.assert_allclose(policy.parameters, agent.policy.parameters, rtol=0, atol=1e-5)


def one_minibatch_ppo(**options: Any) -> pgrad.PPO:
    """An agent after ten updates, in which some ratios were clipped."""
    rollouts: Any = {"n_envs": 8, "n_steps": 128, "batch_size": 1024, "n_epochs": 4}
    agent = pgrad.PPO("pgrad/CartPole-v1", 3e-3, **rollouts, **options).learn(10 * 1024)
    assert max(record.clip_fraction for record in agent.history) > 0
    return agent


def test_c_programs_by_hand_are_the_agents(tmp_path: Path) -> None:
    agents = {
        "a2c": pgrad.A2C("pgrad/CartPole-v1", n_envs=8, seed=0).learn(200 * 40),
        "ppo": one_minibatch_ppo(seed=0, normalize_advantage=False),
    }
    library = tmp_path / "libpgrad.so.0"  # the name by which programs ask for it, wherever the tests found it
    library.symlink_to(Path(pgrad.library_path).resolve())
    for name, agent in agents.items():
        source, program = ROOT / "Tests" / "C" / "examples" / f"{name}.c", tmp_path / name
        linked = [str(library), f"-Wl,-rpath,{library.parent}", "-lm"]
        subprocess.run([*CC, "-std=c99", f"-I{ROOT / 'include'}", str(source), "-o", str(program), *linked], check=True)
        subprocess.run([str(program), str(tmp_path / "policy")], check=True)
        policy = pgrad.Policy.load(tmp_path / "policy")
        np.testing.assert_allclose(policy.parameters, agent.policy.parameters, rtol=0, atol=1e-5)


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_gradients_match_differences(space: Any) -> None:
    policy = pgrad.Policy(3, space, hidden_sizes=(4,), seed=2)
    start = np.asarray(policy.parameters) + 0.3 * np.sin(np.arange(policy.parameter_count, dtype=np.float32))
    weights = np.array([1, -2, 0.5, 1, -1])
    policy.parameters = start
    gradients = policy.entropy_gradient(OBSERVATIONS, weights), policy.value_gradient(OBSERVATIONS, weights)
    # The two networks share nothing.
    assert not (gradients[0] * gradients[1]).any()

    def sums(shift: Any) -> Any:
        policy.parameters = start + shift
        return np.array(
            [weights @ np.float64(policy.entropy(OBSERVATIONS)), weights @ np.float64(policy.value(OBSERVATIONS))]
        )

    step = 1 / 128
    for index in range(policy.parameter_count):
        shift = np.zeros(policy.parameter_count, np.float32)
        shift[index] = step
        slopes = (sums(shift) - sums(-shift)) / (2 * step)
        np.testing.assert_allclose([gradients[0][index], gradients[1][index]], slopes, rtol=2e-3, atol=2e-3)


def test_masked_choices_add_nothing_to_the_entropy_gradient() -> None:
    policy = pgrad.Policy(3, pgrad.Categorical(3), hidden_sizes=(), value_function=False, seed=3)
    masks = [[True, True, False]] * 5
    weight = policy.entropy_gradient(OBSERVATIONS, np.ones(5), masks)[:9].reshape(3, 3)
    assert weight[:, :2].any()
    assert not weight[:, 2].any()
    with pytest.raises(pgrad.Error, match="value function"):
        policy.value_gradient(OBSERVATIONS, np.ones(5))
    with pytest.raises(ValueError, match=r"weights has shape \(4,\); expected \(5,\)"):
        policy.entropy_gradient(OBSERVATIONS, np.ones(4))


def test_a_learning_rate_can_be_changed() -> None:
    policy = pgrad.Policy(3, pgrad.Categorical(2), hidden_sizes=())
    optimizer = pgrad.SGD(policy, learning_rate=0.5)
    start = policy.parameters.copy()
    optimizer.learning_rate = 0.25
    assert optimizer.learning_rate == 0.25
    optimizer.step(np.ones(policy.parameter_count))
    np.testing.assert_allclose(policy.parameters - start, 0.25, atol=1e-6)
    for wrong in (0, -1, float("nan"), "fast"):
        with pytest.raises(ValueError, match="learning_rate"):
            optimizer.learning_rate = wrong  # type: ignore[assignment]
    assert optimizer.learning_rate == 0.25


OPTIONS: dict[str, Any] = {"n_envs": 4, "n_steps": 32, "batch_size": 64, "seed": 5}


def driven(agent: pgrad.Agent, steps: int) -> list[bool]:
    """Drive an agent through a native environment by hand."""
    env = pgrad.NativeEnv("CartPole-v1", 4)
    agent.begin(env.reset(5))
    learned = []
    for _ in range(steps):
        result = env.step(agent.act())
        ends = result.terminated, result.truncated
        learned.append(agent.observe(result.rewards, *ends, result.observations, result.final_observations))
    return learned


def test_a_loop_of_ones_own_is_learn_to_the_bit() -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", **OPTIONS).learn(4 * 96)
    own = pgrad.PPO(None, policy=pgrad.Policy(4, pgrad.Categorical(2), seed=5), **OPTIONS)
    learned = driven(own, 96)
    assert [index + 1 for index, has in enumerate(learned) if has] == [32, 64, 96]
    assert own.policy.parameters.tobytes() == agent.policy.parameters.tobytes()
    assert [record.timesteps for record in own.history] == [128, 256, 384]
    assert own.history[-1].policy_loss == agent.history[-1].policy_loss


def test_learn_after_a_loop_of_ones_own_resets_the_environment() -> None:
    agent = pgrad.PPO("CartPole-v1", **OPTIONS).learn(128)
    driven(agent, 40)
    assert agent.learn(128).num_timesteps == 128 + 160 + 128


def test_a_loop_of_ones_own_has_masks_and_bounds() -> None:
    agent = pgrad.PPO(None, policy=pgrad.Policy(3, pgrad.Categorical(3)), n_steps=16, batch_size=16)
    agent.begin(np.zeros((1, 3)))
    none = [False]
    for step in range(32):
        assert agent.act([[step % 2, 0, 1 - step % 2]]) == [0 if step % 2 else 2]
        agent.observe([1.0], none, none, np.zeros((1, 3)))
    assert len(agent.history) == 2
    with pytest.raises(ValueError, match=r"masks has shape \(3,\); expected \(1, 3\)"):
        agent.act([1, 1, 1])
    with pytest.raises(ValueError, match=r"masks\[0\] allows no choice of parts\[0\].*environment 0, step 32"):
        agent.act([[0, 0, 0]])
    bounded = pgrad.PPO(None, policy=pgrad.Policy(3, pgrad.Gaussian(1, -0.1, 0.1)), n_envs=64)
    bounded.begin(np.zeros((64, 3)))
    assert abs(bounded.act()).max() == np.float32(0.1)


def test_a_loop_of_ones_own_is_refused_in_the_wrong_order_or_shape() -> None:
    agent = pgrad.A2C(None, policy=pgrad.Policy(3, pgrad.Categorical(2)), n_envs=2)
    flags = [False, False]
    rows = np.zeros((2, 3))
    with pytest.raises(pgrad.Error, match="before begin"):
        agent.act()
    with pytest.raises(ValueError, match=r"observations has shape \(3,\); expected \(2, 3\)"):
        agent.begin(np.zeros(3))
    agent.begin(rows)
    with pytest.raises(pgrad.Error, match="call act first"):
        agent.observe([0, 0], flags, flags, rows)
    agent.act()
    with pytest.raises(ValueError, match=r"rewards has shape \(1,\); expected \(2,\)"):
        agent.observe([0], flags, flags, rows)
    with pytest.raises(ValueError, match=r"terminated has shape \(\); expected \(2,\)"):
        agent.observe([0, 0], False, flags, rows)
    with pytest.raises(ValueError, match="next_observations"):
        agent.observe([0, 0], flags, flags, np.full((2, 3), np.nan))
    with pytest.raises(ValueError, match="final_observations"):
        agent.observe([0, 0], flags, [False, True], rows)
    assert agent.observe([0, 0], flags, [False, True], rows, rows) is False
    with pytest.raises(pgrad.Error, match="no environment; .*begin, act and observe"):
        agent.learn(10)
    with pytest.raises(ValueError, match="env is None and policy is None"):
        pgrad.PPO(None)
