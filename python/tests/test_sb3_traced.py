"""Policies of pgrad.sb3 that torch records, compared with the library's own results."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from pgrad.sb3 import PPO
from tests.helpers import Scripted

BOX = spaces.Box(-1, 1, (2, 3), np.float32)
ACTIONS = (
    spaces.Discrete(3),
    spaces.Box(-1, 1, (2,), np.float32),
    spaces.Box(-1, 1, (2, 2), np.float32),
    spaces.MultiDiscrete([2, 3]),
    spaces.MultiBinary(3),
)


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch", reason="pip install 'pgrad[sb3]'")


def model(space: Any = BOX, actions: Any = ACTIONS[0], **policy_kwargs: Any) -> PPO:
    made = PPO("MlpPolicy", Scripted(space, actions), n_steps=8, batch_size=8, seed=1, policy_kwargs=policy_kwargs)
    made.policy.parameters = np.random.default_rng(3).normal(0, 0.5, made.policy.parameter_count)
    return made


def recorded(torch: Any, policy: Any, deterministic: bool, rows: Any) -> Any:
    class Exported(torch.nn.Module):  # type: ignore[misc]  # an optional package
        def forward(self, obs: Any) -> Any:
            return policy(obs, deterministic=deterministic)

    return torch.export.export(Exported(), (rows,)).module()


@pytest.mark.parametrize("actions", ACTIONS, ids=str)
@pytest.mark.parametrize("activation", ["Tanh", "ReLU", "ELU", "SiLU", "GELU"])
def test_the_recorded_pass_gives_the_same_numbers(torch: Any, actions: Any, activation: str) -> None:
    kwargs = {"activation_fn": getattr(torch.nn, activation), "net_arch": {"pi": [7, 5], "vf": [4]}}
    policy = model(actions=actions, **kwargs).policy
    torch.manual_seed(5)
    rows = torch.randn(6, *BOX.shape)
    expected = policy(rows, deterministic=True)
    for got, own in zip(recorded(torch, policy, True, rows)(rows), expected, strict=True):
        assert got.shape == own.shape
        np.testing.assert_allclose(got, own, rtol=1e-5, atol=1e-5)
    drawn, values, log_probs = recorded(torch, policy, False, rows)(rows)
    own_values, own_log_probs, _ = policy.evaluate_actions(rows, drawn)
    np.testing.assert_allclose(values, own_values, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(log_probs, own_log_probs, rtol=1e-5, atol=1e-5)


def test_draws_follow_the_policy(torch: Any) -> None:
    policy = model().policy
    rows = torch.ones(4000, *BOX.shape)
    torch.manual_seed(6)
    drawn, _, _ = recorded(torch, policy, False, rows)(rows)
    probabilities = policy.get_distribution(rows[:1]).distribution.probs[0]
    shares = np.bincount(drawn, minlength=3) / len(rows)
    assert np.abs(shares - probabilities.numpy()).max() < 4 * 0.5 / np.sqrt(len(rows))  # four standard errors


@pytest.mark.parametrize(
    ("kind", "space", "actions", "options"),
    [
        ("MlpPolicy", spaces.Discrete(4), ACTIONS[0], {}),
        ("MlpPolicy", BOX, ACTIONS[1], {"use_sde": True}),
        ("MlpPolicy", BOX, spaces.Discrete(3, start=1), {}),
        ("CnnPolicy", spaces.Box(0, 255, (36, 36, 3), np.uint8), ACTIONS[0], {}),
    ],
)
def test_what_is_not_recorded_is_refused(torch: Any, kind: str, space: Any, actions: Any, options: Any) -> None:
    env = Scripted(space, actions)
    policy = PPO(kind, env, n_steps=8, batch_size=8, seed=1, **options).policy
    with pytest.raises(ValueError, match="torch records the policy; expected one of dense layers that reads a Box"):
        recorded(torch, policy, True, torch.zeros(1, *space.shape))


def test_a_policy_that_was_wrapped_stays_itself() -> None:
    """`model.policy = torch.compile(model.policy)` is in Stable-Baselines3's documentation."""
    agent = model()
    policy = agent.policy

    @functools.wraps(policy)
    def compiled(obs: Any) -> Any:
        return policy(obs)

    agent.policy = compiled  # type: ignore[assignment]
    assert agent.policy is policy
    with pytest.raises(AttributeError, match="policy cannot be assigned"):
        agent.policy = model().policy
