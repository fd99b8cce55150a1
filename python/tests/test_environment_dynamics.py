"""The native environments move as Gymnasium's do, from any state and over whole episodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import pytest

import pgrad

if TYPE_CHECKING:
    from numpy.typing import NDArray

PI = np.pi
ROWS = 1_000
# Both sides compute in double precision and answer in single: this is ten times the rounding of the largest numbers.
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Case:
    """An environment and where its states are drawn from: somewhat beyond all its limits.

    Attributes:
        name: As Gymnasium registers it.
        low: Lower bounds of the states.
        high: Upper bounds of the states.
        edges: States on a limit or close to it.
        precision: Of Gymnasium's state after the first step.
    """

    name: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    edges: tuple[tuple[float, ...], ...]
    precision: type[np.floating[Any]] = np.float64

    def draw_states(self, random: np.random.Generator) -> NDArray[np.float64]:
        """Draw states over the whole range."""
        states = random.uniform(self.low, self.high, size=(ROWS, len(self.low)))
        return states.astype(self.precision).astype(np.float64)


LEAN = 12 * 2 * PI / 360
CASES = (
    Case(
        "CartPole-v1",
        (-3, -5, -0.5, -5),
        (3, 5, 0.5, 5),
        (
            (2.4, 0, 0, 0),
            (-2.4, 0, 0, 0),
            (2.39, 0.6, 0, 0),
            (-2.39, -0.6, 0, 0),
            (2.39, 0.4, 0, 0),
            (0, 0, LEAN, 0),
            (0, 0, -LEAN, 0),
            (0, 0, LEAN - 1e-6, 1e-3),
            (5, 0, 0, 0),
            (0, 0, PI, 0),
            (0, 0, -40, 3),
            (0, 0, 0, 0),
        ),
    ),
    Case(
        "Pendulum-v1",
        (-20, -9),
        (20, 9),
        (
            (PI, 0),
            (-PI, 0),
            (3 * PI, 0),
            (PI + 1e-9, 0),
            (-PI - 1e-9, 0),
            (PI / 2, 8),
            (-PI / 2, -8),
            (0, 7.99),
            (0, -7.99),
            (1_000, 1),
            (-1_000, 1),
            (0, 0),
        ),
    ),
    Case(
        "Acrobot-v1",
        (-PI, -PI, -4 * PI, -9 * PI),
        (PI, PI, 4 * PI, 9 * PI),
        (
            (PI, PI, 0, 0),
            (-PI, -PI, 0, 0),
            (PI - 1e-6, 0, 4 * PI, 0),
            (0, PI - 1e-6, 0, 9 * PI),
            (-PI + 1e-6, 0, -4 * PI, 0),
            (0, -PI + 1e-6, 0, -9 * PI),
            (5, -5, 0, 0),
            (0, 0, 15, 30),
            (0, 0, -15, -30),
            (2 * PI / 3, 0, 0, 0),
            (0, 0, 0, 0),
        ),
    ),
    Case(
        "MountainCar-v0",
        (-1.25, -0.08),
        (0.65, 0.08),
        (
            (-1.2, 0),
            (-1.2, -0.07),
            (-1.2, 0.07),
            (-1.19, -0.05),
            (0.6, 0.07),
            (0.5, 0),
            (0.5, -0.01),
            (0.499, 0.07),
            (0.45, 0.05),
            (-PI / 6, 0),
        ),
    ),
    Case(
        "MountainCarContinuous-v0",
        (-1.25, -0.08),
        (0.65, 0.08),
        (
            (-1.2, 0),
            (-1.2, -0.07),
            (-1.2, 0.07),
            (-1.19, -0.05),
            (0.6, 0.07),
            (0.45, 0.01),
            (0.45, -0.01),
            (0.449, 0.07),
            (0.4, 0.05),
            (-PI / 6, 0),
        ),
        np.float32,
    ),
)
by_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def draw_actions(env: gymnasium.Env[Any, Any], count: int, random: np.random.Generator) -> NDArray[Any]:
    """Draw actions from the environment's whole space, the ends of a continuous one among them."""
    space = env.action_space
    if isinstance(space, gymnasium.spaces.Discrete):
        return random.integers(space.n, size=count)
    assert isinstance(space, gymnasium.spaces.Box)
    actions = random.uniform(1.2 * space.low, 1.2 * space.high, size=(count, 1)).clip(space.low, space.high)
    return actions.astype(np.float32)


@by_case
def test_one_step_from_any_state_agrees(case: Case) -> None:
    random = np.random.default_rng(20)
    # Each edge is met by several actions.
    edges = np.repeat(np.array(case.edges, case.precision), 8, axis=0).astype(np.float64)
    states = np.concatenate([case.draw_states(random), edges])
    theirs: Any = gymnasium.make(case.name).unwrapped
    theirs.reset(seed=0)
    actions = draw_actions(theirs, len(states), random)

    ours = pgrad.NativeEnv(case.name, len(states))
    ours.reset(seed=0)
    ours.set_state(states)
    next_observations, rewards, terminated, truncated, final_observations = ours.step(actions)
    observations = np.where(terminated[:, None], final_observations, next_observations)
    next_states = ours.get_state()

    assert not truncated.any()
    for i, (state, action) in enumerate(zip(states, actions, strict=True)):
        theirs.reset()
        theirs.state = state.astype(case.precision)
        observation, reward, ended, _, _ = theirs.step(action)
        message = f"row {i}: {action} in {state.tolist()}"
        np.testing.assert_allclose(observations[i], observation, rtol=0, atol=TOLERANCE, err_msg=message)
        np.testing.assert_allclose(rewards[i], reward, rtol=0, atol=TOLERANCE, err_msg=message)
        assert terminated[i] == ended, message
        if not ended:
            np.testing.assert_allclose(next_states[i], theirs.state, rtol=0, atol=1e-10, err_msg=message)


@by_case
def test_states_drawn_reach_every_way_to_end(case: Case) -> None:
    """The comparison above would prove little if no state led to an end, or all did."""
    random = np.random.default_rng(20)
    ours = pgrad.NativeEnv(case.name, ROWS)
    ours.set_state(case.draw_states(random))
    _, _, terminated, _, _ = ours.step(draw_actions(gymnasium.make(case.name), ROWS, random))
    share = terminated.mean()
    assert share == 0 if case.name == "Pendulum-v1" else 0.03 < share < 0.9


@by_case
def test_whole_episodes_agree_with_time_limits(case: Case) -> None:
    """Several episodes each, from our first states, through Gymnasium's own TimeLimit."""
    episodes = 3
    theirs: Any = gymnasium.make(case.name)
    random = np.random.default_rng(3)
    ours = pgrad.NativeEnv(case.name, 1)
    ours.reset(seed=3)
    for _ in range(episodes):
        theirs.reset(seed=0)
        theirs.unwrapped.state = ours.get_state()[0]
        ended = False
        while not ended:
            action = draw_actions(theirs, 1, random)
            next_observations, rewards, terminated, truncated, final_observations = ours.step(action)
            ended = bool(terminated[0] or truncated[0])
            seen = final_observations[0] if ended else next_observations[0]
            observation, reward, their_terminated, their_truncated, _ = theirs.step(action[0])
            np.testing.assert_allclose(seen, observation, rtol=0, atol=TOLERANCE)
            np.testing.assert_allclose(rewards[0], reward, rtol=0, atol=TOLERANCE)
            assert (bool(terminated[0]), bool(truncated[0])) == (their_terminated, their_truncated)


@by_case
def test_first_states_are_distributed_as_gymnasiums(case: Case) -> None:
    """Each number of 2,000 first observations, in a two-sample Kolmogorov-Smirnov test at a level of 1e-4.

    The critical distance is sqrt(-ln(1e-4 / 2) / 2) · sqrt(2 / 2,000) = 0.0704.
    """
    count = 2_000
    theirs = gymnasium.make(case.name)
    theirs.reset(seed=5)
    expected = np.stack([theirs.reset()[0] for _ in range(count)])
    observed = pgrad.NativeEnv(case.name, count).reset(seed=5)
    for k in range(expected.shape[1]):
        points = np.sort(np.concatenate([expected[:, k], observed[:, k]]))
        below_expected = np.searchsorted(np.sort(expected[:, k]), points, side="right") / count
        below_observed = np.searchsorted(np.sort(observed[:, k]), points, side="right") / count
        assert np.abs(below_expected - below_observed).max() < 0.0704
