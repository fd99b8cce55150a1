"""Finite Markov decision processes, solved exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pgrad._bindings import (
    address,
    c_string,
    check,
    create,
    describe,
    held,
    library,
    parts_list,
    point,
    reference,
)
from pgrad._enumerations import PartKind
from pgrad._mdp_tables import layers, of_shape, steps, tabulated
from pgrad._oracle_declarations import MDPConfig
from pgrad._typing import override
from pgrad._validation import doubles, fill, integer, real, seed_number
from pgrad._wording import mdp_words, reword_errors
from pgrad.native import NativeEnv, NativeEnvMaker
from pgrad.policy import Policy, require_policy
from pgrad.spaces import space_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from pgrad._handle import Handle, Sizes
    from pgrad.spaces import ActionSpace
    from pgrad.types import Array, ArrayLike, DoubleArray


class ExactValues(NamedTuple):
    """Exact values of states and actions under a policy.

    With a finite horizon all four depend on the step, and have an axis of steps before the others.

    Attributes:
        values: V(s), (states,); 0 in terminal states.
        action_values: Q(s, a), (states, actions).
        advantages: A(s, a) = Q(s, a) - V(s), (states, actions).
        visitation: d(s) = Σ_t γ^t Pr(s_t = s), (states,); with a horizon its terms, γ^t Pr(s_t = s).
    """

    values: DoubleArray
    action_values: DoubleArray
    advantages: DoubleArray
    visitation: DoubleArray


class MDP(NativeEnvMaker):
    """A finite Markov decision process, whose J(θ) and ∇J(θ) are computed exactly for any discrete policy.

    A policy fits if it takes the MDP's observations and the product of its choices is the number of actions. Agents
    train in it as in any environment: ``pgrad.PPO(mdp, n_envs=8)``.

    Args:
        transitions: P(s'|s, a), (states, actions, states); rows sum to 1, rows of terminal states are not read.
        rewards: r(s, a), (states, actions), or r(s, a, s'), (states, actions, states).
        initial: Probability ρ(s) of beginning in each state, (states,); 0 in terminal states.
        terminal: Where an episode ends on arrival, (states,) flags; None for nowhere.
        observations: The observation of each state, (states, observation_size); None for one-hot states.
        action_space: The actions as a discrete space, with the first part as the most significant; None for
            ``Categorical``.
        gamma: Discount γ, 0 to 1.
        horizon: Steps after which an episode ends; None for never. Then gamma must be below 1, or a terminal state must
            be reachable from every state that an episode can reach.

    Attributes:
        transitions: As given, each row divided by its sum.
        rewards: As given.
        initial: As given, divided by its sum.
        terminal: Booleans.
        observations: As given, or one-hot states.
        action_space: As given, or ``Categorical``.
        gamma: As given.
        horizon: As given.

    Example:
        >>> bandit = pgrad.MDP.bandit()
        >>> policy = pgrad.Policy.for_env(bandit, hidden_sizes=(), bias=False, value_function=False)
        >>> policy.parameters = np.zeros(9)
        >>> bandit.objective(policy)  # (0.2 + 0.5 + 0.8) / 3
        0.5
        >>> bandit.gradient(policy)[:3].round(12)  # π(a) A(a)
        array([-0.1, -0. ,  0.1])
    """

    transitions: DoubleArray
    rewards: DoubleArray
    initial: DoubleArray
    terminal: Array
    observations: DoubleArray
    action_space: ActionSpace
    gamma: float
    horizon: int | None

    def __init__(
        self,
        transitions: ArrayLike,
        rewards: ArrayLike,
        initial: ArrayLike,
        *,
        terminal: ArrayLike | None = None,
        observations: ArrayLike | None = None,
        action_space: ActionSpace | None = None,
        gamma: float = 0.99,
        horizon: int | None = None,
    ) -> None:
        config, tables = tabulated(transitions, rewards, initial, terminal, observations, action_space)
        fill(config, {"gamma": gamma, "horizon": steps(horizon)})
        point(config, tables)
        with reword_errors(mdp_words):
            handle = create("mdp", "create", reference(config))
        self._adopt(handle)

    def _adopt(self, handle: Handle) -> None:
        config = describe(MDPConfig, "pgrad_mdp_describe", handle)
        states, actions = config.state_count, config.action_count
        last = (states,) if config.rewards_by_next_state else ()
        self._handle = handle
        self.transitions = held(handle, config.transitions, (states, actions, states))
        self.rewards = held(handle, config.rewards, (states, actions, *last))
        self.initial = held(handle, config.initial, (states,))
        self.terminal = held(handle, config.terminal, (states,)).astype(np.bool_)
        self.observations = held(handle, config.observations, (states, config.observation_size))
        self.action_space = space_of(parts_list(config.parts, config.part_count))
        self.gamma = config.gamma
        self.horizon = config.horizon or None

    @classmethod
    def _of(cls, handle: Handle) -> Self:
        mdp = cls.__new__(cls)
        mdp._adopt(handle)
        return mdp

    @classmethod
    def bandit(cls, gamma: float = 1.0, horizon: int | None = None) -> Self:
        """Three arms that pay 1 with probability 0.2, 0.5 and 0.8: state 0 leads to state 1 (lost) or 2 (won)."""
        return cls._named("bandit", gamma, horizon)

    @classmethod
    def chain(cls, gamma: float = 0.9, horizon: int | None = None) -> Self:
        """Two states: stay, or go to the other, which costs 0.1, failing one time in ten; staying in state 1 pays 1."""
        return cls._named("chain", gamma, horizon)

    @classmethod
    def cliff(cls, gamma: float = 1.0, horizon: int | None = None) -> Self:
        """Walking along a cliff (Sutton & Barto 2018, example 6.6): 4 × 12 states; actions up, right, down and left."""
        return cls._named("cliff", gamma, horizon)

    @classmethod
    def _named(cls, name: str, gamma: float, horizon: int | None) -> Self:
        arguments = c_string("name", name), real("gamma", gamma), steps(horizon)
        with reword_errors(mdp_words):
            handle = create("mdp", "create_named", *arguments)
        return cls._of(handle)

    @classmethod
    def garnet(
        cls,
        states: int = 25,
        actions: int = 4,
        branching: int = 3,
        seed: int = 0,
        *,
        gamma: float = 0.9,
        horizon: int | None = None,
    ) -> Self:
        """A random MDP (Archibald et al. 1995).

        Args:
            states: Number of states; episodes start in each with equal probability.
            actions: Number of actions in each state.
            branching: Number of states that an action may lead to. Their probabilities are the parts into which uniform
                points divide [0, 1].
            seed: The same seed gives the same MDP.
            gamma: Discount γ, 0 to 1.
            horizon: Steps after which an episode ends; None for never.
        """
        sizes = integer("states", states), integer("actions", actions), integer("branching", branching)
        numbers = *sizes, seed_number(integer("seed", seed)), real("gamma", gamma), steps(horizon)
        return cls._of(create("mdp", "create_garnet", *numbers))

    @property
    def state_count(self) -> int:
        """How many states there are."""
        return len(self.initial)

    @property
    def action_count(self) -> int:
        """How many actions each state has."""
        return int(self.transitions.shape[1])

    @property
    def observation_size(self) -> int:
        """Length of one observation."""
        return int(self.observations.shape[1])

    @property
    def actions(self) -> Array:
        """Every action by its number, as policies take them: (actions, *action_space.shape)."""
        choices = [
            size
            for part in self.action_space.parts
            for size in ([part.size] if part.kind is PartKind.CATEGORICAL else [2] * part.size)
        ]
        columns = np.stack(np.unravel_index(np.arange(self.action_count), choices), axis=1)
        return columns.reshape(self.action_count, *self.action_space.shape).astype(self.action_space.dtype)

    def objective(self, policy: Policy, parameters: ArrayLike | None = None) -> float:
        """J(θ) = E[ Σ_t γ^t r_t ], in double precision: by dynamic programming for a horizon, else by a linear solve.

        Args:
            policy: A policy that fits. It is evaluated from its equations, independently of the library's fast code.
            parameters: θ in double precision instead of the policy's own, (parameter_count,).
        """
        return float(self._solved("pgrad_mdp_objective", policy, parameters, lambda _, __: ()))

    def gradient(self, policy: Policy, parameters: ArrayLike | None = None) -> DoubleArray:
        """∇J(θ) = Σ_s d(s) Σ_a π(a|s) A(s, a) ∇log π(a|s) (Sutton et al. 2000), (parameter_count,); as `objective`."""
        return self._solved("pgrad_mdp_gradient", policy, parameters, lambda _, policy: (policy.parameters,))

    def values(self, policy: Policy, parameters: ArrayLike | None = None) -> ExactValues:
        """V, Q, A and the discounted visitation of states; arguments as in `objective`."""
        handle, solved = self._handle, require_policy(policy)._handle
        states, pairs = (handle.sizes.states,), _pairs(handle.sizes)
        result = ExactValues(*(np.empty(layers(handle.sizes) + shape) for shape in (states, pairs, pairs, states)))
        theta = _theta(solved, parameters)
        arguments = handle.value, solved.value, None if theta is None else address(theta)
        check(library.pgrad_mdp_values(*arguments, *map(address, result)))
        return result

    def log_probs(self, policy: Policy, parameters: ArrayLike | None = None) -> DoubleArray:
        """Log-probabilities log π(a|s), (states, actions); arguments as in `objective`."""
        return self._solved("pgrad_mdp_log_probs", policy, parameters, lambda mdp, _: _pairs(mdp))

    def scores(self, policy: Policy, parameters: ArrayLike | None = None) -> DoubleArray:
        """Scores ∇log π(a|s), (states, actions, parameter_count); arguments as in `objective`."""
        return self._solved(
            "pgrad_mdp_scores", policy, parameters, lambda mdp, policy: (*_pairs(mdp), policy.parameters)
        )

    def _solved(
        self,
        function: str,
        policy: Policy,
        parameters: ArrayLike | None,
        shape: Callable[[Sizes, Sizes], tuple[int, ...]],
    ) -> DoubleArray:
        """Call a function that writes an array, whose shape follows from the sizes of this MDP and of the policy."""
        handle, solved = self._handle, require_policy(policy)._handle
        result = np.empty(shape(handle.sizes, solved.sizes))
        theta = _theta(solved, parameters)
        arguments = handle.value, solved.value, None if theta is None else address(theta)
        with reword_errors(mdp_words):
            check(getattr(library, function)(*arguments, address(result)))
        return result

    @override
    def env(self, n_envs: int = 1) -> NativeEnv:
        """Environments that sample this MDP; an episode terminates in a terminal state and at the horizon."""
        handle = create("env", "create_mdp", self._handle.value, integer("n_envs", n_envs))
        return NativeEnv._of(handle, "MDP")

    def __repr__(self) -> str:
        return (
            f"MDP(state_count={self.state_count}, action_space={self.action_space!r}, "
            f"gamma={self.gamma!r}, horizon={self.horizon!r})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        tables = self.transitions, self.rewards, self.initial
        names = ("terminal", "observations", "action_space", "gamma", "horizon")
        return _rebuilt, (*tables, {name: getattr(self, name) for name in names})


def _rebuilt(transitions: Array, rewards: Array, initial: Array, options: dict[str, Any]) -> MDP:
    return MDP(transitions, rewards, initial, **options)


def _pairs(mdp: Sizes) -> tuple[int, int]:
    return mdp.states, mdp.actions


def _theta(policy: Handle, parameters: ArrayLike | None) -> DoubleArray | None:
    if parameters is None:
        return None
    return of_shape("parameters", doubles("parameters", parameters), (policy.sizes.parameters,))
