"""Images, memory, masks and mixed actions, in every combination; the README's table states what holds in each."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from tests.helpers import same_parameters

if TYPE_CHECKING:
    from pathlib import Path

CASES = list(product(("vectors", "images"), (None, "gru", "lstm"), ("free", "masked"), ("choice", "mixed")))
ENVS, STEPS, LENGTH = 2, 16, 5
# 512 rows are four shards of two blocks, each of 64 rows or of 32 sequences, which two threads divide among themselves.
DIVIDED: dict[str, Any] = {"n_steps": 256, "batch_size": 512}
DIVIDED_SEQUENCES = DIVIDED | {"sequence_length": 2}
BOX = spaces.Box(-1, 1, (3,), np.float32)
IMAGE = spaces.Box(0, 255, (6, 6, 2), np.uint8)


class World(gymnasium.Env[Any, Any]):
    """Draws its observations; choice 1 of 3 is forbidden at every other step, if it has masks."""

    def __init__(self, sight: str, masks: str, actions: str) -> None:
        self.observation_space = IMAGE if sight == "images" else BOX
        self._mixed, self._masked, self._step = actions == "mixed", masks == "masked", 0
        choice = spaces.Discrete(3)
        self.action_space = choice if actions == "choice" else spaces.Tuple([choice, spaces.Box(-1, 1, (2,))])
        if masks == "masked":
            self.action_masks = self.allowed

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self._step = 0
        return self._look(), {}

    def step(self, action: Any) -> Any:
        choice, effort = (action[0], float(np.sum(action[1] ** 2))) if self._mixed else (action, 0.0)
        assert self.action_space.contains(action)
        assert not (self._masked and self._step % 2 == 0 and choice == 1), "a forbidden choice"
        self._step += 1
        return self._look(), float(choice == self._step % 3) - effort, False, self._step == LENGTH, {}

    def allowed(self) -> Any:
        """Which choices the next step may take."""
        return np.array([1, self._step % 2 or not self._masked, 1], np.bool_)

    def _look(self) -> Any:
        if self.observation_space is IMAGE:
            return self.np_random.integers(0, 256, IMAGE.shape, np.uint8)
        return self.np_random.uniform(-1, 1, BOX.shape).astype(np.float32)


def agent_of(case: Any, **options: Any) -> pgrad.PPO:
    sight, memory, masks, actions = case
    chosen: dict[str, Any] = {"n_steps": STEPS, "batch_size": STEPS, "n_epochs": 2, "hidden_sizes": (8,), "seed": 1}
    if memory:
        chosen |= {"memory": memory, "memory_size": 6, "sequence_length": 8}
    return pgrad.PPO([lambda: World(sight, masks, actions)] * ENVS, **(chosen | options))


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))
class TestCombination:
    def test_the_first_ratio_is_exactly_one(self, case: Any) -> None:
        agent = agent_of(case, n_epochs=1, batch_size=ENVS * STEPS).learn(3 * ENVS * STEPS)
        assert [record.approx_kl for record in agent.history] == [0.0] * 3

    def test_one_and_two_threads_learn_the_same_bits(self, case: Any) -> None:
        options = DIVIDED_SEQUENCES if case[1] else DIVIDED
        agents = [agent_of(case, threads=threads, **options).learn(512) for threads in (1, 2)]
        assert np.isfinite(agents[0].policy.parameters).all()
        assert same_parameters(*agents)
        assert not same_parameters(agents[0], agent_of(case))

    def test_a_loaded_agent_acts_alike(self, case: Any, tmp_path: Path) -> None:
        sight, memory, masks, actions = case
        agent = agent_of(case).learn(ENVS * STEPS)
        agent.save(tmp_path / "agent")
        loaded = pgrad.load(tmp_path / "agent")
        world = World(sight, masks, actions)
        observation, _ = world.reset(seed=3)
        states: list[Any] = [None, None]
        for _ in range(LENGTH):
            allowed = world.allowed() if masks == "masked" else None
            found = [
                one.predict(observation, state, deterministic=True, action_masks=allowed)
                for one, state in zip((agent, loaded), states, strict=True)
            ]
            states = [state for _, state in found]
            assert str(found[0]) == str(found[1])
            assert (states[0] is None) == (memory is None)
            observation, *_ = world.step(found[0][0])
        assert pgrad.evaluate(loaded, World(sight, masks, actions), 3).lengths.tolist() == [LENGTH] * 3
