"""Gymnasium's spaces, as agents see them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import SyncVectorEnv

import pgrad
from pgrad._envs.codecs import observation_codec
from tests.helpers import BOX, Scripted, small_ppo

ACTIONS: list[Any] = [
    spaces.Discrete(3),
    spaces.Discrete(3, start=-1),
    spaces.Discrete(1),
    spaces.MultiDiscrete([2, 3]),
    spaces.MultiDiscrete([3, 1]),
    spaces.MultiDiscrete(np.array([[2, 3], [4, 2]]), start=np.array([[1, 0], [0, 5]])),
    spaces.Box(-1, 1, (2, 2), np.float32),
    spaces.Box(np.array([-0.1, -2.0]), np.array([0.1, 2.0]), dtype=np.float64),
    spaces.Box(-np.inf, np.inf, (1,), np.float32),
    spaces.Box(0, np.inf, (2,), np.float32),
    spaces.MultiBinary(3),
]


@pytest.mark.parametrize("space", ACTIONS, ids=repr)
def test_every_action_lies_in_the_environments_own_space(space: Any) -> None:
    env = Scripted(BOX, space)  # which asserts so in every step
    agent = small_ppo(env, policy=wide(space)).learn(64)
    assert len(env.actions) == 64
    action, state = agent.predict(np.zeros(3))
    assert state is None
    assert space.contains(action)
    batch, _ = agent.predict(np.zeros((5, 3)), deterministic=True)
    assert batch.shape == (5, *space.shape)
    assert batch.dtype == space.dtype
    assert all(space.contains(one) for one in batch)


def wide(space: Any) -> pgrad.Policy | None:
    """A policy whose draws often lie outside a bounded box; None where actions cannot."""
    if not isinstance(space, spaces.Box):
        return None
    columns = int(np.prod(space.shape))
    return pgrad.Policy(3, pgrad.Gaussian(columns), hidden_sizes=(8,), initial_log_std=1)


@pytest.mark.parametrize("space", ACTIONS, ids=repr)
def test_vector_environments_get_batches_of_their_space(space: Any) -> None:
    env: Any = SyncVectorEnv([partial(Scripted, BOX, space)] * 3)
    agent = small_ppo(env).learn(48)
    assert all(len(single.actions) > 12 for single in env.envs)
    actions, _ = agent.predict(np.zeros((3, 3)))
    assert env.action_space.contains(actions)


OBSERVATIONS = [
    (spaces.Box(-1, 1, (2, 3), np.float64), 6),
    (spaces.Box(0, 255, (16,), np.uint8), 16),
    (spaces.Discrete(4), 4),
    (spaces.Discrete(4, start=2), 4),
    (spaces.MultiDiscrete([2, 3]), 5),
    (spaces.MultiBinary((2, 2)), 4),
]


@pytest.mark.parametrize(("space", "size"), OBSERVATIONS, ids=repr)
def test_observations_become_rows_of_floats(space: Any, size: int) -> None:
    agent = small_ppo(Scripted(space, spaces.Discrete(2)))
    assert agent.policy.observation_size == size
    agent.learn(32)
    assert np.shape(agent.predict(space.sample())[0]) == ()
    vector = small_ppo(SyncVectorEnv([partial(Scripted, space, spaces.Discrete(2))] * 2)).learn(32)
    assert vector.predict(np.stack([space.sample()] * 3))[0].shape == (3,)


def test_choices_are_one_hot() -> None:
    np.testing.assert_array_equal(observation_codec(spaces.Discrete(4, start=2)).one(3), [0, 1, 0, 0])
    np.testing.assert_array_equal(observation_codec(spaces.MultiDiscrete([2, 3])).one([1, 2]), [0, 1, 0, 0, 1])


@pytest.mark.parametrize("choice", [4, -1, 1.5, np.nan, np.inf])
def test_an_observation_outside_a_discrete_space_is_refused(choice: float) -> None:
    with pytest.raises(ValueError, match=f"an observation holds {choice}; expected choices inside"):
        observation_codec(spaces.Discrete(4)).one(choice)


class _Mission(spaces.Space[str]):
    """A space of text that does not say whether it can be flattened, as MiniGrid's."""

    def __init__(self) -> None:
        super().__init__(dtype=str)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Mission)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "_Mission()"


@pytest.mark.parametrize(
    ("observation", "action", "message"),
    [
        (spaces.Sequence(BOX), spaces.Discrete(2), "observation space is Sequence.*map it onto a Box of fixed shape"),
        (spaces.Box(-1, 1, (140_000,)), spaces.Discrete(2), "observation_size is 140000; it must lie in"),
        (BOX, spaces.Box(0, 9, (2,), np.int32), "action space is Box.*Box of floats"),
        (_Mission(), spaces.Discrete(2), "observation space is _Mission.*map it onto a Box of fixed shape"),
        (
            spaces.Dict(a=_Mission()),
            spaces.Discrete(2),
            r"observation_space\['a'\] is _Mission.*map it onto a Box of fixed shape",
        ),
        (BOX, _Mission(), "action space is _Mission.*in a wrapper"),
        (spaces.Box(-1, 1, (2, 0)), spaces.Discrete(2), "observation space is Box.*no numbers; expected at least one"),
        (BOX, spaces.Box(-1, 1, (0,)), "action space is Box.*no numbers; expected at least one"),
        (
            BOX,
            spaces.Box(np.array([-1, 2], np.float32), np.array([1, 2], np.float32)),
            r"action space is Box.*column 1 has low 2.0 and high 2.0; expected low below high.*in a wrapper",
        ),
    ],
)
def test_other_spaces_are_refused_with_what_to_do(observation: Any, action: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small_ppo(Scripted(observation, action))


@pytest.mark.parametrize("env", ["Pendulum-v1", "pgrad/Pendulum-v1"])
@pytest.mark.parametrize("space", [pgrad.Gaussian(1), pgrad.SquashedGaussian(1, -2, 2), pgrad.Beta(1, -2, 2)], ids=repr)
def test_any_continuous_distribution_fits_a_box(env: str, space: pgrad.ActionSpace) -> None:
    agent = pgrad.PPO(env, n_steps=64, policy=pgrad.Policy(3, space)).learn(128)
    assert agent.statistics.updates == 2
    assert np.isfinite(agent.history[-1].policy_loss)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("vector", [False, True])
def test_a_number_beyond_float32_is_refused_without_a_warning(vector: bool) -> None:
    class Far(Scripted):
        def step(self, action: Any) -> Any:
            _, *others = super().step(action)
            return np.array([0.0, -1e39, 0.0]), *others

    wide_box = spaces.Box(-np.inf, np.inf, (3,), np.float64)
    make = partial(Far, wide_box, spaces.Discrete(2))
    agent = small_ppo(make())
    with pytest.raises(ValueError, match=r"observation\[1\] is -1e\+39; expected at most 3.4028235e\+38"):
        agent.predict([0, -1e39, 0])
    with pytest.raises(ValueError, match=r"observations\[1, 1\] is 1e\+39; expected at most 3.4028235e\+38"):
        agent.predict(np.array([[0, 1, 0], [0, 1e39, 0]]))
    if vector:
        agent = small_ppo(SyncVectorEnv([make] * 2))
    with pytest.raises(ValueError, match=r"observations?\[.*1\] is -1e\+39; expected at most 3.4028235e\+38"):
        agent.learn(16)
