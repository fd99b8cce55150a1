"""Finite partially observed worlds, solved exactly over a finite horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pgrad._attributes import FixedAttributes
from pgrad._extras import needs
from pgrad._histories import Episodes, Histories, enumerated, sampled
from pgrad._pomdp_tables import distributions, finite, mask_table, observation_rows, sequence_rows
from pgrad._validation import positive, real, seed_number, wrong_shape
from pgrad.errors import InvalidArgumentError
from pgrad.policy import Policy, require_policy
from pgrad.spaces import Categorical

if TYPE_CHECKING:
    import gymnasium
    from typing_extensions import Self

    from pgrad.types import Array, ArrayLike, DoubleArray


class ExactGradient(NamedTuple):
    """An objective and its gradient, by enumeration.

    Attributes:
        objective: J(θ) = E[ Σ_t γ^t r_t ].
        gradient: ∇J(θ), (parameter_count,).
        probability: Σ_h p(h); 1 up to rounding.
    """

    objective: float
    gradient: DoubleArray
    probability: float


class POMDP(FixedAttributes):
    """A partially observed Markov decision process, whose J(θ) and ∇J(θ) are computed exactly for any policy.

    Each step, the hidden state s gives an observation o with probability O(o|s); the action leads to the next state s'
    and pays r(s, a, s') (Kaelbling, Littman & Cassandra 1998). An episode ends after ``horizon`` steps. A policy fits
    if it reads the observation as a `Choice` or as one-hot numbers, and chooses among the actions; it may have a
    memory. Agents train in the world's environment: ``pgrad.PPO(world.env, n_envs=8)``.

    Args:
        transitions: P(s'|s, a), (states, actions, states); rows sum to 1.
        rewards: r(s, a), (states, actions), or r(s, a, s'), (states, actions, states).
        initial: Probability ρ(s) of beginning in each state, (states,).
        observation_matrix: O(o|s), (states, observations); rows sum to 1.
        horizon: Steps of an episode.
        masks: Which actions each observation allows, (observations, actions) flags; None for all.
        gamma: Discount γ, 0 to 1.

    Attributes:
        transitions: As given, each row divided by its sum.
        rewards: As given.
        initial: As given, divided by its sum.
        observation_matrix: As given, each row divided by its sum.
        horizon: As given.
        masks: Booleans, or None.
        gamma: As given.

    Example:
        >>> world = pgrad.POMDP.recall()
        >>> policy = pgrad.Policy.for_env(world.env, hidden_sizes=(), memory="gru", memory_size=4, seed=0)
        >>> exact = world.exact(policy)
        >>> abs(exact.probability - 1) < 1e-6, exact.gradient.shape == (policy.parameter_count,)
        (True, True)
    """

    transitions: DoubleArray
    rewards: DoubleArray
    initial: DoubleArray
    observation_matrix: DoubleArray
    horizon: int
    masks: Array | None
    gamma: float

    def __init__(
        self,
        transitions: ArrayLike,
        rewards: ArrayLike,
        initial: ArrayLike,
        observation_matrix: ArrayLike,
        horizon: int,
        *,
        masks: ArrayLike | None = None,
        gamma: float = 1.0,
    ) -> None:
        shape = np.shape(transitions)
        if len(shape) != 3 or shape[0] != shape[2] or 0 in shape:  # noqa: PLR2004
            raise wrong_shape("transitions", shape, "(states, actions, states)")
        states, actions, _ = shape
        self.transitions = distributions("transitions", transitions, shape)
        self.rewards = finite("rewards", rewards, (states, actions), shape)
        self.initial = distributions("initial", initial, (states,))
        width = np.shape(observation_matrix)[1:]
        if len(width) != 1:
            raise wrong_shape("observation_matrix", np.shape(observation_matrix), f"({states}, observations)")
        self.observation_matrix = distributions("observation_matrix", observation_matrix, (states, *width))
        self.horizon = positive("horizon", horizon)
        self.masks = None if masks is None else mask_table(masks, (*width, actions))
        self.gamma = real("gamma", gamma)
        if not 0 <= self.gamma <= 1:
            raise InvalidArgumentError(f"gamma is {self.gamma:g}; it must lie in [0, 1]")
        self._histories: Histories | None = None

    @classmethod
    def recall(cls, horizon: int = 4, noise: float = 0.1) -> Self:
        """Recall the first observation: every later observation is equal, and each action that names the state pays 1.

        The state is 0 or 1 for a whole episode. Observations 0 and 1 name it at the first step, 2 is all that follows.
        The best J is (horizon - 1)(1 - noise), and (horizon - 1)/2 without a memory.

        Args:
            horizon: Steps of an episode.
            noise: Probability that the first observation names the other state.
        """
        transitions = np.tile(np.eye(4)[[2, 3, 2, 3]][:, None], (1, 2, 1))
        shown = np.array([[1 - noise, noise, 0], [noise, 1 - noise, 0], [0, 0, 1], [0, 0, 1]])
        return cls(transitions, [[0, 0], [0, 0], [1, 0], [0, 1]], [0.5, 0.5, 0, 0], shown, horizon)

    @classmethod
    def random(
        cls,
        states: int = 3,
        observations: int = 2,
        actions: int = 2,
        horizon: int = 4,
        seed: int = 0,
        *,
        masks: ArrayLike | None = None,
        gamma: float = 0.9,
    ) -> Self:
        """A world with uniform random probabilities, and rewards r(s, a, s') from a standard normal distribution.

        Args:
            states: Number of states.
            observations: Number of observations.
            actions: Number of actions.
            horizon: Steps of an episode.
            seed: The same seed gives the same world.
            masks: As in the constructor.
            gamma: Discount γ, 0 to 1.
        """
        count = positive("states", states)
        shape = count, positive("actions", actions)
        rng = np.random.default_rng(seed_number(seed))
        transitions = rng.dirichlet(np.ones(count), shape)
        rewards = rng.normal(size=(*shape, count))
        initial = rng.dirichlet(np.ones(count))
        matrix = rng.dirichlet(np.ones(positive("observations", observations)), count)
        return cls(transitions, rewards, initial, matrix, horizon, masks=masks, gamma=gamma)

    @property
    def state_count(self) -> int:
        """How many hidden states there are."""
        return len(self.initial)

    @property
    def observation_count(self) -> int:
        """How many observations there are."""
        return int(self.observation_matrix.shape[1])

    @property
    def action_count(self) -> int:
        """How many actions each state has."""
        return int(self.transitions.shape[1])

    @property
    def rewards_by_next_state(self) -> DoubleArray:
        """The rewards r(s, a, s'), (states, actions, states)."""
        given = self.rewards if self.rewards.shape == self.transitions.shape else self.rewards[..., None]
        return np.broadcast_to(given, self.transitions.shape)

    @property
    def histories(self) -> Histories:
        """Every history of observations and actions; refused if there are too many."""
        if self._histories is None:
            self._histories = enumerated(self)
        return self._histories

    def exact(self, policy: Policy) -> ExactGradient:
        """J(θ) and ∇J(θ) by enumeration of all histories h.

            J = Σ_h p(h) E[R | h]        ∇J = Σ_h p(h) E[R | h] Σ_t ∇log π(a_t | o_0, …, o_t)

        The world's probabilities are in double precision, log π and its gradient as the library computes them, in
        single precision. The gradient passes through all steps of a history: backpropagation through time (Werbos
        1990), as in recurrent policy gradients (Wierstra et al. 2010).
        """
        require_policy(policy)
        histories = self.histories
        chance = np.exp(self.log_prob(policy, histories.observations, histories.actions).sum(0))
        gains = chance * histories.returns
        gradient = self.score_gradient(policy, histories.observations, histories.actions, gains)
        return ExactGradient(float(gains.sum()), gradient, float(chance @ histories.dynamics))

    def log_prob(self, policy: Policy, observations: Array, actions: Array) -> DoubleArray:
        """Log π(a_t | o_0, …, o_t) of the numbers of observations and actions from the first step on, (steps, n)."""
        found = policy.log_prob(actions=sequence_rows(policy, actions), **self.inputs(policy, observations))
        return np.asarray(found, np.float64).reshape(actions.shape)

    def score_gradient(
        self,
        policy: Policy,
        observations: Array,
        actions: Array,
        weights: Array,
        state: ArrayLike | None = None,
    ) -> DoubleArray:
        """The sum Σ_h weights_h Σ_t ∇log π(a_t | o_0, …, o_t), (parameter_count,).

        Args:
            policy: A policy that fits.
            observations: Numbers, (steps, n).
            actions: Numbers, (steps, n).
            weights: (n,).
            state: The policy's state before the first of these steps, which is a constant; None for zeros.
        """
        each = np.broadcast_to(weights, actions.shape)
        inputs = self.inputs(policy, observations) | ({} if state is None else {"state": state})
        found = policy.score_gradient(
            actions=sequence_rows(policy, actions), weights=sequence_rows(policy, each), **inputs
        )
        return found.astype(np.float64)

    def inputs(self, policy: Policy, observations: Array) -> dict[str, Any]:
        """The arguments ``observations`` and ``masks`` of a policy's functions, from numbers of observations.

        Args:
            policy: A policy that fits.
            observations: Numbers, (steps, n). A policy without a memory gets (steps · n) rows instead of sequences.
        """
        space, expected = require_policy(policy).action_space, Categorical(self.action_count)
        if space != expected:
            raise InvalidArgumentError(f"policy has action_space {space!r}; expected {expected!r}")
        rows = observation_rows(policy, observations, self.observation_count)
        masks = None if self.masks is None else sequence_rows(policy, self.masks[observations])
        return {"observations": sequence_rows(policy, rows), "masks": masks}

    def sample(self, policy: Policy, episodes: int, seed: int = 0) -> Episodes:
        """Sample episodes with a policy; the seed is the world's, actions come from the policy's own generator."""
        self.inputs(policy, np.zeros((1, 1), np.int64))
        return sampled(self, policy, positive("episodes", episodes), seed_number(seed))

    def env(self) -> gymnasium.Env[np.int64, np.int64]:
        """A Gymnasium environment of this world, with `action_masks`; episodes terminate at the horizon."""
        with needs("the environment of a POMDP", "gymnasium"):
            from pgrad._pomdp_env import POMDPEnv

        return POMDPEnv(self)

    def __repr__(self) -> str:
        return (
            f"POMDP(state_count={self.state_count}, observation_count={self.observation_count}, "
            f"action_count={self.action_count}, horizon={self.horizon!r}, gamma={self.gamma!r})"
        )
