"""The native MinAtar games compared with the package minatar, step by step, with the same random choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import pytest

import pgrad

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

minatar: Any = pytest.importorskip("minatar", reason="pip install --no-deps MinAtar")

SEED = 0x9876_5432_1ABC_DEF0
ENVS = 8
STREAM = 32


def philox(counter: tuple[int, int, int, int], seed: int) -> tuple[int, int, int, int]:
    """Philox4x32-10, as Salmon et al. (2011) define it."""
    a, b, c, d = counter
    key0, key1 = seed & 0xFFFF_FFFF, seed >> 32
    for _ in range(10):
        left, right = a * 0xD251_1F53, c * 0xCD9E_8D57
        a, b, c, d = (right >> 32) ^ b ^ key0, right & 0xFFFF_FFFF, (left >> 32) ^ d ^ key1, left & 0xFFFF_FFFF
        key0, key1 = (key0 + 0x9E37_79B9) & 0xFFFF_FFFF, (key1 + 0xBB67_AE85) & 0xFFFF_FFFF
    return a, b, c, d


@dataclass
class KeyedRandom:
    """The methods of NumPy's RandomState that the games call, over the library's keyed words."""

    environment: int
    episode: int = -1
    step: int = 0
    words: list[int] = field(default_factory=list)
    blocks: int = 0

    def at(self, step: int) -> None:
        self.step, self.words, self.blocks = step, [], 0

    def word(self) -> int:
        if not self.words:
            counter = (self.step, self.episode, self.environment, STREAM << 20 | self.blocks)
            self.words = list(philox(counter, SEED))
            self.blocks += 1
        return self.words.pop(0)

    def rand(self) -> float:
        return self.word() / 2**32

    def randint(self, count: int) -> int:
        return self.word() * count >> 32


class Reference:
    """One of minatar's environments with its defaults. Each episode gets a new one, whose last move is "stay"."""

    def __init__(self, game: str, index: int) -> None:
        self.game = game
        self.random = KeyedRandom(index)
        self.begin()

    def begin(self) -> None:
        self.random.episode += 1
        self.random.at(0)
        self.env = minatar.Environment(self.game)
        self.env.random = self.env.env.random = self.random
        self.env.reset()
        self.moves = self.env.minimal_action_set()

    def act(self, action: int) -> tuple[float, bool]:
        self.random.at(self.random.step + 1)
        reward, terminated = self.env.act(self.moves[action])
        return float(reward), bool(terminated)

    @property
    def observation(self) -> NDArray[np.float32]:
        return np.asarray(self.env.state(), np.float32).reshape(-1)


def any_action(screen: NDArray[np.float32], count: int, random: np.random.Generator) -> int:
    return int(random.integers(count))


def follow_the_ball(screen: NDArray[np.float32], count: int, random: np.random.Generator) -> int:
    """Keep the paddle below the ball, or sometimes next to it, so that the ball hits bricks of both column parities."""
    paddle, ball, trail = (int(screen[:, :, channel].max(0).argmax()) for channel in range(3))
    ahead = ball + (ball - trail if random.random() < 0.1 else 0)
    return 0 if ahead == paddle else 1 if ahead < paddle else 2


def stay_clear(screen: NDArray[np.float32], count: int, random: np.random.Generator) -> int:
    """Move to a cell without an enemy in it or next to it, or anywhere if there is none."""
    row, column = (int(place[0]) for place in np.nonzero(screen[:, :, 0]))
    danger = np.pad(screen[:, :, 1], 2)
    danger = danger[2:-2, 2:-2] + danger[2:-2, 1:-3] + danger[2:-2, 3:-1]
    moves = [(0, 0), (0, -1), (-1, 0), (0, 1), (1, 0)]
    cells = [(min(8, max(1, row + down)), min(9, max(0, column + right))) for down, right in moves]
    safe = [action for action, cell in enumerate(cells) if danger[cell] == 0]
    return int(random.choice(safe)) if safe else int(random.integers(count))


@dataclass
class Comparison:
    """The results of the episodes of a comparison.

    Attributes:
        episodes: Completed episodes.
        longest: Steps of the longest, completed or not.
        best: The highest return, of a completed episode or not.
        actions: The actions taken.
    """

    episodes: int = 0
    longest: int = 0
    best: float = 0
    actions: set[int] = field(default_factory=set)


def compare(
    name: str, choose: Callable[[NDArray[np.float32], int, np.random.Generator], int], steps: int
) -> Comparison:
    """Step both side by side and require equal observations, rewards and ends at each step."""
    ours = pgrad.NativeEnv(f"MinAtar/{name}-v1", ENVS)
    theirs = [Reference(name.lower(), index) for index in range(ENVS)]
    count = len(theirs[0].moves)
    assert ours.action_space == pgrad.Categorical(count)
    random = np.random.default_rng(4)
    observations = ours.reset(SEED)
    returns, lengths = np.zeros(ENVS), np.zeros(ENVS, np.int64)
    found = Comparison()
    np.testing.assert_array_equal(observations, [each.observation for each in theirs])
    for _ in range(steps):
        actions = [choose(observation.reshape(10, 10, -1), count, random) for observation in observations]
        found.actions.update(actions)
        step = ours.step(np.array(actions))
        answers = [each.act(action) for each, action in zip(theirs, actions, strict=True)]
        np.testing.assert_array_equal(step.rewards, [reward for reward, _ in answers])
        np.testing.assert_array_equal(step.terminated, [terminated for _, terminated in answers])
        assert not step.truncated.any()
        returns += step.rewards
        lengths += 1
        found.longest, found.best = max(found.longest, int(lengths.max())), max(found.best, float(returns.max()))
        for index in np.flatnonzero(step.terminated):
            np.testing.assert_array_equal(step.final_observations[index], theirs[index].observation)
            theirs[index].begin()
            returns[index] = lengths[index] = 0
            found.episodes += 1
        observations = step.observations
        np.testing.assert_array_equal(observations, [each.observation for each in theirs])
    return found


def test_breakout_equals_minatars_for_any_actions() -> None:
    found = compare("Breakout", any_action, 1_000)
    assert found.episodes > 500
    assert found.actions == {0, 1, 2}


def test_breakout_equals_minatars_after_the_last_brick() -> None:
    assert compare("Breakout", follow_the_ball, 3_000).best > 30


def test_asterix_equals_minatars_for_any_actions() -> None:
    found = compare("Asterix", any_action, 2_000)
    assert found.episodes > 100
    assert found.actions == {0, 1, 2, 3, 4}


def test_asterix_equals_minatars_as_its_difficulty_rises() -> None:
    found = compare("Asterix", stay_clear, 4_000)
    assert found.longest > 700
    assert found.best > 5


def test_ids_and_spaces_are_those_minatar_registers() -> None:
    gym: Any = pytest.importorskip("minatar.gym")
    gym.register_envs()
    for name in ("MinAtar/Breakout-v1", "MinAtar/Asterix-v1"):
        theirs: Any = gymnasium.make(name)
        ours = pgrad.NativeEnv(name)
        assert ours.action_space == pgrad.Categorical(int(theirs.action_space.n))
        assert ours.observation_size == np.prod(theirs.observation_space.shape)
        assert theirs.spec.max_episode_steps is None
        assert ours.max_episode_steps == 0
