"""Files and copies of agents contain the spaces of their environment."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from pgrad._bindings import note, set_note
from pgrad._envs.space_text import space_text, spaces_of
from tests.helpers import BOX, Scripted, same_parameters, small_ppo

if TYPE_CHECKING:
    from collections.abc import Callable


def _loaded(agent: pgrad.Agent, folder: Path) -> Any:
    agent.save(folder / "agent")
    return pgrad.load(folder / "agent")


WAYS: list[Callable[[pgrad.Agent, Path], Any]] = [
    _loaded,
    lambda agent, _: copy.deepcopy(agent),
    lambda agent, _: pickle.loads(pickle.dumps(agent)),
    lambda agent, folder: copy.deepcopy(_loaded(agent, folder)),
]
ACTIONS = [
    spaces.Discrete(3, start=-1),
    spaces.Discrete(2, start=5, dtype=np.int32),
    spaces.MultiDiscrete(np.array([[2, 3], [4, 5]]), start=np.array([[0, -1], [7, 2]])),
    spaces.MultiDiscrete([3, 2], dtype=np.int16),
    spaces.MultiBinary((2, 3)),
    spaces.MultiBinary(4),
    spaces.Box(-0.1, 0.3, (2, 2), np.float64),
    spaces.Box(np.array([-1, 0], np.float16), np.array([0.5, np.inf], np.float16), dtype=np.float16),
    spaces.Box(-0.1, 0.1, (3, 1), np.float32),
]
OBSERVATIONS = [
    spaces.Discrete(4),
    spaces.Discrete(4, start=-2),
    spaces.MultiDiscrete(np.array([[2, 3], [4, 5]]), start=np.array([[0, -1], [7, 2]])),
    spaces.MultiBinary((2, 2)),
    spaces.Box(-1, 1, (3, 2), np.float64),
    spaces.Box(0, 255, (5,), np.uint8),
]


def _same(first: Any, second: Any) -> bool:
    one, other = np.asarray(first), np.asarray(second)
    alike = type(first) is type(second) and one.dtype == other.dtype and one.shape == other.shape
    return alike and bool((one == other).all())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("space", ACTIONS, ids=str)
def test_a_loaded_agent_gives_actions_in_its_environments_space(
    way: Callable[[pgrad.Agent, Path], Any], space: Any, tmp_path: Path
) -> None:
    agent = small_ppo(Scripted(BOX, space))
    kept = way(agent, tmp_path)
    for observation in np.random.default_rng(0).normal(0, 30, (8, 3)).astype(np.float32):
        expected = agent.predict(observation, deterministic=True)[0]
        assert space.contains(expected)
        assert _same(kept.predict(observation, deterministic=True)[0], expected)
    batch = np.ones((2, 3), np.float32)
    assert _same(kept.predict(batch, deterministic=True)[0], agent.predict(batch, deterministic=True)[0])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("space", OBSERVATIONS, ids=str)
def test_a_loaded_agent_takes_observations_in_its_environments_space(
    way: Callable[[pgrad.Agent, Path], Any], space: Any, tmp_path: Path
) -> None:
    agent = small_ppo(Scripted(space, spaces.Discrete(7)))
    kept = way(agent, tmp_path)
    space.seed(0)
    for observation in (space.sample() for _ in range(8)):
        expected = agent.predict(observation, deterministic=True)[0]
        assert _same(kept.predict(observation, deterministic=True)[0], expected)


def test_files_store_the_single_spaces_of_vector_environments(tmp_path: Path) -> None:
    env = gymnasium.vector.SyncVectorEnv([lambda: Scripted(BOX, spaces.Discrete(2, start=3))] * 2)
    agent = small_ppo(env)
    expected = agent.predict(np.zeros(3), deterministic=True)[0]
    assert expected in (3, 4)
    assert _same(_loaded(agent, tmp_path).predict(np.zeros(3), deterministic=True)[0], expected)


def test_a_policy_with_other_bounds_is_clipped_to_the_environments_bounds_after_loading(tmp_path: Path) -> None:
    policy = pgrad.Policy(3, pgrad.Gaussian(1), (), seed=0)
    policy.parameters = np.full(policy.parameter_count, 9.0)
    agent = small_ppo(Scripted(BOX, spaces.Box(-0.5, 0.5, (1,))), policy=policy)
    assert _loaded(agent, tmp_path).predict(np.ones(3), deterministic=True)[0] == [0.5]


def test_an_agent_of_a_native_environment_gives_actions_in_the_policys_space(tmp_path: Path) -> None:
    agent = small_ppo(Scripted(spaces.Box(-1, 1, (4,)), spaces.Discrete(2, start=5)))
    agent.set_env("pgrad/CartPole-v1")
    assert note(agent.policy._handle) == ""
    assert _loaded(agent, tmp_path).predict(np.zeros(4), deterministic=True)[0] in (0, 1)


def test_two_agents_of_one_policy_each_keep_their_own_spaces(tmp_path: Path) -> None:
    policy = pgrad.Policy(3, pgrad.Categorical(2))
    first, second = (small_ppo(Scripted(BOX, spaces.Discrete(2, start=s)), policy=policy) for s in (10, 20))
    assert _loaded(first, tmp_path).predict(np.zeros(3))[0] in (10, 11)
    assert _loaded(second, tmp_path).predict(np.zeros(3))[0] in (20, 21)
    assert _loaded(_loaded(first, tmp_path), tmp_path).predict(np.zeros(3))[0] in (10, 11)


def test_a_note_of_the_user_is_kept(tmp_path: Path) -> None:
    policy = pgrad.Policy(3, pgrad.Categorical(2))
    set_note(policy._handle, "mine")
    agent = small_ppo(Scripted(BOX, spaces.Discrete(2, start=5)), policy=policy)
    loaded = _loaded(agent, tmp_path)
    assert note(loaded.policy._handle) == "mine"
    assert loaded.predict(np.zeros(3))[0] in (0, 1)


def test_a_file_without_a_note_loads_as_before_and_gains_one_with_an_environment(tmp_path: Path) -> None:
    env = Scripted(BOX, spaces.Discrete(2, start=5))
    agent = small_ppo(env)
    agent._spaces = None
    set_note(agent.policy._handle, "")
    agent.save(tmp_path / "old")
    assert b"policy.note" not in (tmp_path / "old").read_bytes()
    assert pgrad.load(tmp_path / "old").predict(np.zeros(3))[0] in (0, 1)
    again = pgrad.load(tmp_path / "old", Scripted(BOX, spaces.Discrete(2, start=5)))
    assert same_parameters(again, agent)
    assert _loaded(again, tmp_path).predict(np.zeros(3))[0] in (5, 6)


@pytest.mark.parametrize("space", [*ACTIONS, *OBSERVATIONS], ids=str)
def test_a_description_gives_back_the_space(space: Any) -> None:
    described = spaces_of(space_text(BOX, space))
    assert described is not None
    assert described == (BOX, space)
    assert described[1].dtype == space.dtype


def test_a_description_too_long_for_a_note_is_shortened() -> None:
    bounds = np.random.default_rng(0).uniform(1, 2, 20_000)
    wide = spaces.Box(-bounds, bounds, dtype=np.float64)
    described = spaces_of(space_text(wide, spaces.Discrete(2, start=4)))
    assert described == (spaces.Box(-np.inf, np.inf, (20_000,)), spaces.Discrete(2, start=4))
    many = spaces.MultiDiscrete([2, 3] * 13_000)
    described = spaces_of(space_text(spaces.MultiDiscrete(np.full(32_768, 2), start=np.full(32_768, 99)), many[0]))
    assert described == (None, many[0])


DISCRETE = {"type": "Discrete", "shape": [], "dtype": "int64", "n": 3, "start": 0}
FLAGS = {"type": "MultiBinary", "shape": [2], "dtype": "int8"}
GOOD = json.loads(space_text(spaces.Discrete(3), spaces.Box(-1, 1, (2,))))


@pytest.mark.parametrize(
    "change",
    [
        {"action": {"type": "Box", "shape": [2], "dtype": "object", "bounds": [[2, -1, 1]]}},
        {"action": {"type": "Box", "shape": [2], "dtype": "float32", "bounds": [[3, -1, 1]]}},
        {"action": {"type": "Box", "shape": [2], "dtype": "float32", "bounds": [[2, 1, -1]]}},
        {"action": {"type": "Box", "shape": [2], "dtype": "float32", "bounds": [[2, "low", 1]]}},
        {"action": {"type": "Box", "shape": [2**40], "dtype": "float32", "bounds": [[2**40, -1, 1]]}},
        {"action": {"type": "Discrete", "shape": [], "dtype": "int64", "n": 2**40, "start": 0}},
        {"action": {"type": "Discrete", "shape": [], "dtype": "int64", "n": True, "start": 0}},
        {"action": {"type": "MultiDiscrete", "shape": [2], "dtype": "int64", "nvec": [2], "start": [0]}},
        {"action": {"type": "Text"}},
        {"action": 7},
        {"observation": {"type": "Discrete", "shape": [], "dtype": "int64", "n": 4, "start": 0}},
        {"version": 3},
        {"action": {"type": "Box", "shape": [2], "dtype": "float32", "bounds": [[2, 1, 1]]}},
        {"version": 2, "observation": {"type": "Dict", "spaces": []}},
        {"version": 2, "observation": {"type": "Dict", "spaces": [["a", DISCRETE], ["a", DISCRETE]]}},
        {"version": 2, "observation": {"type": "Dict", "spaces": [["a", DISCRETE], ["action_mask", FLAGS]]}},
        {"version": 2, "observation": {"type": "Dict", "spaces": [[["a"], DISCRETE]]}},
        {"version": 2, "observation": {"type": "Dict", "spaces": [[1.5, DISCRETE]]}},
        {"version": 2, "observation": {"type": "Dict", "spaces": {"a": DISCRETE}}},
        {"version": 2, "observation": {"type": "Tuple", "spaces": [{"type": "Text"}]}},
        {"version": 2, "observation": {"type": "Tuple"}},
    ],
)
def test_a_damaged_description_is_refused_without_an_environment(change: dict[str, Any], tmp_path: Path) -> None:
    env = Scripted(spaces.Discrete(3), spaces.Box(-1, 1, (2,)))
    agent = small_ppo(env)
    assert json.loads(note(agent.policy._handle)) == GOOD
    agent._spaces = json.dumps(GOOD | change)
    agent.save(tmp_path / "bad")
    with pytest.raises(pgrad.Error) as refusal:
        pgrad.load(tmp_path / "bad")
    assert refusal.value.status is pgrad.Status.BAD_FILE
    assert same_parameters(pgrad.load(tmp_path / "bad", env), agent)
