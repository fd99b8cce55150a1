"""The native MinAtar games compared with the package minatar, step by step, with the same random choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import pytest

import pgrad
from pgrad.native import NATIVE_ENVIRONMENTS
from tests.philox import philox

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

minatar: Any = pytest.importorskip("minatar", reason="pip install --no-deps MinAtar")

SEED = 0x9876_5432_1ABC_DEF0
ENVS = 8
STREAM = 32


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

    def rand(self, size: int | None = None) -> Any:
        if size is not None:
            return np.array([self.rand() for _ in range(size)])
        return self.word() / 2**32

    def randint(self, low: int, high: int | None = None, size: int | None = None) -> Any:
        if size is not None:
            return np.array([self.randint(low, high) for _ in range(size)])
        first, count = (0, low) if high is None else (low, high - low)
        return first + (self.word() * count >> 32)


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


def cross(screen: NDArray[np.float32], count: int, random: np.random.Generator) -> int:
    """Walk up nearly always."""
    return 1 if random.random() < 0.95 else int(random.integers(count))


def shoot(screen: NDArray[np.float32], count: int, random: np.random.Generator) -> int:
    """Shoot, and leave columns in which a shot is near."""
    cannon, danger = int(screen[9, :, 0].argmax()), screen[5:9, :, 5].max(axis=0)
    if random.random() < 0.15:
        return int(random.integers(count))
    if danger[cannon] > 0:
        return 1 if cannon > 0 and danger[cannon - 1] == 0 else 2
    return 3


def rescue(screen: NDArray[np.float32], count: int, random: np.random.Generator) -> int:
    """Shoot at enemies in the row, fetch divers, and surface when oxygen is low."""
    row, column = (int(place[0]) for place in np.nonzero(screen[:, :, 0]))
    divers, aboard = np.argwhere(screen[:9, :, 9]), int(screen[9, :, 8].sum())
    enemies = np.flatnonzero(screen[row, :, 4:7].any(axis=1))
    if random.random() < 0.1:
        return int(random.integers(count))
    if len(enemies) and random.random() < 0.5:
        return 5 if random.random() < 0.7 else 3 if enemies[0] > column else 1
    if (screen[9, :, 7].sum() <= 3 and aboard) or aboard == 6:
        return 2
    if len(divers):
        target_row, target_column = divers[0]
        if target_row != row:
            return 4 if target_row > row or row == 1 else 2
        return 3 if target_column > column else 1
    return 4 if row < 5 else int(random.integers(count))


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
    theirs = [Reference({"SpaceInvaders": "space_invaders"}.get(name, name.lower()), index) for index in range(ENVS)]
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


def test_freeway_equals_minatars_for_any_actions_and_across_the_road() -> None:
    assert compare("Freeway", any_action, 1_000).actions == {0, 1, 2}
    found = compare("Freeway", cross, 2_600)
    assert found.longest == 2_501
    assert found.best > 20


def test_space_invaders_equals_minatars_for_any_actions() -> None:
    found = compare("SpaceInvaders", any_action, 1_000)
    assert found.episodes > 50
    assert found.actions == {0, 1, 2, 3}


def test_space_invaders_equals_minatars_after_the_last_alien() -> None:
    assert compare("SpaceInvaders", shoot, 2_000).best > 30


def test_seaquest_equals_minatars_for_any_actions() -> None:
    found = compare("Seaquest", any_action, 1_000)
    assert found.episodes > 50
    assert found.actions == set(range(6))


def test_seaquest_equals_minatars_as_divers_are_rescued() -> None:
    found = compare("Seaquest", rescue, 2_500)
    assert found.longest > 210  # longer than the oxygen of a dive lasts
    assert found.best > 10


@cache
def register() -> None:
    """Make the ids of minatar's environments known to Gymnasium, which warns if that is done twice."""
    gym: Any = pytest.importorskip("minatar.gym")
    gym.register_envs()


@pytest.mark.parametrize("channels", [4, 6, 7, 10])
def test_convolutions_read_native_games_and_minatars_alike(channels: int) -> None:
    register()
    name = {4: "Breakout", 6: "SpaceInvaders", 7: "Freeway", 10: "Seaquest"}[channels]
    options: dict[str, Any] = {"n_envs": 2, "n_steps": 16, "batch_size": 32, "n_epochs": 1, "seed": 1}
    native = pgrad.PPO(f"pgrad/MinAtar/{name}-v1", encoder="minatar", **options)
    theirs = pgrad.PPO(f"MinAtar/{name}-v1", encoder="minatar", **options)
    assert native.policy.observation_parts == theirs.policy.observation_parts == (pgrad.Bitmap(10, 10, channels),)
    np.testing.assert_array_equal(native.policy.parameters, theirs.policy.parameters)
    made: Any = gymnasium.make(f"MinAtar/{name}-v1")
    frame, _ = made.reset(seed=1)
    read, _ = theirs._observations.rows(frame)
    assert native.policy.value(read)[0] == native.policy.value(np.asarray(frame, np.float32).ravel())
    for agent in (native, theirs):
        assert agent.learn(64).num_timesteps == 64
    assert native.with_env(f"MinAtar/{name}-v1").learn(32).num_timesteps == 96
    flat = pgrad.PPO(f"pgrad/MinAtar/{name}-v1", **options)
    assert flat.policy.observation_parts == (pgrad.Vector(100 * channels),)


def test_ids_and_spaces_are_those_minatar_registers() -> None:
    register()
    for name in NATIVE_ENVIRONMENTS:
        if not name.startswith("MinAtar/"):
            continue
        theirs: Any = gymnasium.make(name)
        ours = pgrad.NativeEnv(name)
        assert ours.action_space == pgrad.Categorical(int(theirs.action_space.n))
        assert ours.observation_size == np.prod(theirs.observation_space.shape)
        assert theirs.spec.max_episode_steps is None
        assert ours.max_episode_steps == 0
