"""The rollout_buffer of agents of pgrad.sb3, against Stable-Baselines3's (reference/make_sb3_updates.py)."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from pgrad.sb3 import A2C, PPO, BaseCallback, MaskablePPO
from pgrad.sb3._rollout_buffer import RolloutBuffer
from tests.sb3_updates import CASES, ESTIMATES, update
from tests.test_update import ENVS, STEPS, rows

FILE = Path(__file__).with_name("reference") / "sb3" / "rollouts.json"
ROLLOUTS: list[dict[str, Any]] = json.loads(FILE.read_text())
SMALL: dict[str, Any] = {"n_steps": 16, "batch_size": 16, "seed": 1}


@pytest.mark.parametrize(
    ("case", "theirs"), [*zip(CASES, ROLLOUTS, strict=True)], ids=[str(case[:3]) for case in CASES]
)
def test_it_holds_what_the_one_of_stable_baselines3_does(case: Any, theirs: dict[str, Any]) -> None:
    model, envs, _ = update(case)
    buffer = model.rollout_buffer
    for name in ESTIMATES:
        found = getattr(buffer, name)
        assert found.shape == (STEPS, ENVS)
        np.testing.assert_allclose(found.ravel(), theirs[name], rtol=1e-5, atol=2e-6, err_msg=name)
    np.testing.assert_array_equal(buffer.observations, rows(envs, "observations"))
    np.testing.assert_array_equal(buffer.rewards, np.float32(rows(envs, "rewards")))
    np.testing.assert_array_equal(buffer.actions.ravel(), rows(envs, "actions").ravel())
    assert buffer.actions.dtype == model.action_space.dtype
    ended = rows(envs, "terminated") + rows(envs, "truncated") > 0
    np.testing.assert_array_equal(buffer.episode_starts, np.vstack([np.ones(ENVS), ended[:-1]]))
    assert (buffer.buffer_size, buffer.n_envs, buffer.pos, buffer.full) == (STEPS, ENVS, STEPS, True)
    assert (buffer.gamma, buffer.gae_lambda, buffer.size()) == (model.gamma, model.gae_lambda, STEPS)


def test_callbacks_read_it_after_each_update() -> None:
    class Reading(BaseCallback):
        def _on_rollout_end(self) -> None:
            buffers.append(self.model.rollout_buffer)

    buffers: list[RolloutBuffer] = []
    model = PPO("MlpPolicy", "CartPole-v1", **SMALL).learn(48, Reading())
    assert len(buffers) == 3
    np.testing.assert_array_equal(buffers[2].observations, model.rollout_buffer.observations)
    for first, second in pairwise(buffers):
        assert not np.array_equal(first.observations, second.observations)
    assert repr(buffers[0]) == "RolloutBuffer(buffer_size=16, n_envs=1)"
    assert "advantages" in buffers[0]._repr_html_()


def test_there_is_none_before_the_first_update() -> None:
    with pytest.raises(pgrad.Error, match="has not learned yet"):
        _ = PPO("MlpPolicy", "CartPole-v1", **SMALL).rollout_buffer


def test_squashed_actions_are_between_their_bounds() -> None:
    kwargs = {"squash_output": True, "net_arch": [4]}
    model = A2C("MlpPolicy", "Pendulum-v1", n_steps=32, use_sde=True, seed=1, policy_kwargs=kwargs).learn(32)
    actions = model.rollout_buffer.actions
    assert actions.shape == (32, 1, 1)
    assert (np.abs(actions) < 1).all()
    assert actions.std() > 0.1


class Parts(gymnasium.Env[Any, Any]):
    """Observes a place, an image and a choice; the images have their channels last."""

    observation_space = spaces.Dict(
        {
            "choice": spaces.Discrete(5, start=2),
            "image": spaces.Box(0, 255, (36, 40, 3), np.uint8),
            "place": spaces.Box(-1, 1, (2, 2), np.float32),
        }
    )
    action_space = spaces.MultiDiscrete([2, 3])

    def __init__(self) -> None:
        self.observation_space.seed(4)
        self.seen: list[Any] = []

    def _look(self) -> Any:
        self.seen.append(self.observation_space.sample())
        return self.seen[-1]

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        return self._look(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        return self._look(), 1.0, False, False, {}


def test_observations_have_the_structure_of_the_space() -> None:
    env = Parts()
    model = PPO("MultiInputPolicy", env, **SMALL).learn(16)
    found = model.rollout_buffer.observations
    assert list(found) == ["choice", "image", "place"]
    seen = env.seen[:16]
    np.testing.assert_array_equal(found["choice"][:, 0], [one["choice"] for one in seen])
    np.testing.assert_array_equal(found["place"][:, 0], [one["place"] for one in seen])
    # As in the environment of get_env, the channels come first.
    np.testing.assert_array_equal(found["image"][:, 0], np.moveaxis(np.stack([one["image"] for one in seen]), -1, 1))
    assert found["image"].dtype == np.uint8
    assert model.rollout_buffer.actions.shape == (16, 1, 2)


class Masked(gymnasium.Env[Any, Any]):
    """Allows one choice, the same in each step."""

    observation_space = spaces.Discrete(3)
    action_space = spaces.Discrete(3)

    def action_masks(self) -> Any:
        return np.array([False, True, False])

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        self.place = 0
        return 0, {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.place = (self.place + 1) % 3
        return self.place, 1.0, False, False, {}


def test_it_holds_the_masks() -> None:
    buffer = MaskablePPO("MlpPolicy", Masked(), **SMALL).learn(16).rollout_buffer
    np.testing.assert_array_equal(buffer.action_masks, np.tile([False, True, False], (16, 1, 1)))
    np.testing.assert_array_equal(buffer.actions, np.ones((16, 1, 1)))
    np.testing.assert_array_equal(buffer.observations[:, 0], np.arange(16) % 3)
    np.testing.assert_array_equal(buffer.log_probs, np.zeros((16, 1)))
