"""Histories of a partially observed world, enumerated or sampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from pgrad._pomdp_tables import observation_rows
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from pgrad.policy import Policy
    from pgrad.pomdp import POMDP
    from pgrad.types import DoubleArray

    Numbers = npt.NDArray[np.int64]

MOST = 2**20
"""The largest number of steps in all histories together."""


@dataclass(frozen=True, eq=False)
class Histories:
    """Every history h = o_0, a_0, …, o_{H-1}, a_{H-1} that some policy can have.

    Attributes:
        observations: Their numbers, (horizon, n).
        actions: Their numbers, (horizon, n); none that masks forbid.
        dynamics: D(h), the world's factor of the probability p(h) = D(h) Π_t π(a_t|h_t), (n,).
        returns: D(h) E[R | h] with R = Σ_t γ^t r_t, (n,).
    """

    observations: Numbers
    actions: Numbers
    dynamics: DoubleArray
    returns: DoubleArray


def enumerated(world: POMDP) -> Histories:
    """Every history, by the forward recursion over hidden states (Kaelbling, Littman & Cassandra 1998).

        α_0(s) = ρ(s) O(o_0|s)    α_{t+1}(s') = O(o_{t+1}|s') Σ_s α_t(s) P(s'|s, a_t)
        β_0(s) = 0                β_{t+1}(s') = O(o_{t+1}|s') Σ_s [β_t(s) + γ^t r(s, a_t, s') α_t(s)] P(s'|s, a_t)

    α is the world's factor of the probability of history and state together, β the same times the expected rewards so
    far. No observation follows the last action. Then D(h) = Σ_s' α(s') and D(h) E[R | h] = Σ_s' β(s').
    """
    gains = world.transitions * world.rewards_by_next_state
    possible = np.ones((world.observation_count, world.action_count), np.bool_) if world.masks is None else world.masks
    empty: Numbers = np.empty((0, 1), np.int64)
    observations, actions = empty, empty
    seen, weighed = world.initial[None], np.zeros((1, world.state_count))  # before the observation of the step
    for step in range(world.horizon):
        alpha, beta = (table[:, None] * world.observation_matrix.T for table in (seen, weighed))
        before, observed = np.nonzero(alpha.sum(-1) > 0)
        observations = np.concatenate([observations[:, before], observed[None]])
        parent, chosen = np.nonzero(possible[observed])
        if (step + 1) * len(chosen) > MOST:
            raise InvalidArgumentError(
                f"horizon is {world.horizon}; expected a horizon whose histories have at most {MOST} steps together"
            )
        alpha, beta = alpha[before, observed][parent], beta[before, observed][parent]
        observations = observations[:, parent]
        actions = np.concatenate([actions[:, before[parent]], chosen[None]])
        move, gain = world.transitions[:, chosen], world.gamma**step * gains[:, chosen]
        seen = np.einsum("hs,shn->hn", alpha, move)
        weighed = np.einsum("hs,shn->hn", beta, move) + np.einsum("hs,shn->hn", alpha, gain)
    return Histories(observations, actions, seen.sum(1), weighed.sum(1))


class Episodes(NamedTuple):
    """Sampled episodes.

    Attributes:
        observations: Their numbers, (horizon, n).
        actions: Their numbers, (horizon, n).
        returns: R = Σ_t γ^t r_t, (n,).
    """

    observations: Numbers
    actions: Numbers
    returns: DoubleArray


def sampled(world: POMDP, policy: Policy, count: int, seed: int) -> Episodes:
    """Episodes whose actions the policy samples step by step, with its state carried from each step to the next."""
    rng = np.random.default_rng(seed)
    states = draw(rng, np.broadcast_to(world.initial, (count, world.state_count)))
    memory = None
    observations, actions, returns = [], [], np.zeros(count)
    for step in range(world.horizon):
        observed = draw(rng, world.observation_matrix[states])
        masks = None if world.masks is None else world.masks[observed]
        rows = observation_rows(policy, observed, world.observation_count)
        chosen, _, *after = policy.sample(rows, masks, memory)
        memory = after[0] if after else None
        following = draw(rng, world.transitions[states, chosen])
        returns += world.gamma**step * world.rewards_by_next_state[states, chosen, following]
        observations.append(observed)
        actions.append(chosen)
        states = following
    return Episodes(np.asarray(observations), np.asarray(actions, np.int64), returns)


def draw(rng: np.random.Generator, probabilities: DoubleArray) -> Numbers:
    """One number for each row of probabilities, by inverting their cumulative sums."""
    sums = probabilities.cumsum(-1)
    # The last sum may be slightly below 1; its own value is then the upper bound of the draw.
    numbers: Numbers = (rng.random((len(sums), 1)) * sums[:, -1:] >= sums).sum(-1)
    return numbers
