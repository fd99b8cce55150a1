"""Functions of a policy: sampling, probabilities, values and gradients."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import address, check, library
from pgrad._policy_gradients import PolicyGradients
from pgrad._rows import InputRows, mask_size, rows_argument
from pgrad._validation import integer, switch, wrong_shape
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from pgrad._actions import ActionLayout
    from pgrad._handle import Handle
    from pgrad._plain_calls import PlainCalls
    from pgrad.types import Array, ArrayLike, FloatArray


class PolicyFunctions(PolicyGradients):
    """The functions of a policy, without its construction and storage."""

    observation_size: int
    parameter_count: int
    _handle: Handle
    _layout: ActionLayout
    _plain: PlainCalls

    @property
    def mask_size(self) -> int:
        """The number of flags in one row of masks.

        Parts follow in order. A categorical part has one flag per choice. A Bernoulli column has two: whether it may be
        0, and whether it may be 1. Continuous parts have none. True or 1 allows a choice; a choice that is not allowed
        has probability exactly 0.
        """
        return mask_size(self._handle)

    @property
    def state_size(self) -> int:
        """The number of floats that the policy keeps from one step to the next; 0 without memory.

        For each layer of the policy's memory and then of the value function's own: h, and for an LSTM also its cell.
        """
        return self._handle.sizes.states

    def sample(
        self,
        observations: ArrayLike,
        masks: ArrayLike | None = None,
        state: ArrayLike | None = None,
        episode_start: ArrayLike | None = None,
        draw_key: int | None = None,
    ) -> Any:
        """Draw actions a ~ π(·|s, θ).

        Args:
            observations: (n, observation_size).
            masks: Which choices are allowed, (n, mask_size); None for all.
            state: Of a policy with a memory, what it returned at the previous step, (n, state_size), or (state_size,)
                for a single observation; None for zeros.
            episode_start: (n,) flags, True where the state is set to 0 before this step; None for none. Ignored without
                a memory.
            draw_key: A whole number of at least 0 that fixes the draws, together with the policy's seed and the number
                of the row: the same key draws the same in any thread, whatever was drawn before. None for the next key
                of the policy's own sequence, which threads that sample at the same time share.

        Returns:
            The actions, (n, *action_space.shape), and their log-probabilities, (n,); Gaussian columns are not clipped.
            With a memory also the state after this step.
        """
        handle = self._handle
        if masks is None and state is None and episode_start is None and draw_key is None and not handle.sizes.states:
            return self._plain.sample(observations)
        key = None if draw_key is None else integer("draw_key", draw_key, ctypes.c_uint64)
        inputs = InputRows(handle, observations, masks, state, episode_start, key)
        actions = np.empty((inputs.count, handle.sizes.columns), np.float32)
        log_probs = np.empty(inputs.count, np.float32)
        check(_SAMPLE_ROWS(handle.value, inputs.argument, address(actions), address(log_probs)))
        return inputs.with_state(inputs.arranged(self._layout.decode(actions)), inputs.arranged(log_probs))

    def sample_draws(self, observations: ArrayLike, masks: ArrayLike | None = None) -> tuple[Any, FloatArray, Any]:
        """Draw actions as `sample` does, and return the draws too: pre-squash actions in squashed Gaussian columns.

        If the pre-squash action u is far from 0, the squashed action rounds to a bound and no longer determines u.
        `log_prob` and `score_gradient` with ``draws=`` are then exact; with actions they are biased, from abs(u) of
        about 8 for bounds [-1, 1]. Columns of other kinds are equal to the actions. Refused with a memory.

        Args:
            observations: (n, observation_size).
            masks: As in `sample`.

        Returns:
            The actions, (n, *action_space.shape), the draws, float32 of shape (n, columns), and the log-probabilities,
            (n,).
        """
        handle = self._handle
        rows = InputRows(handle, observations, masks, None, None)
        rows.require_no_memory()
        actions, draws = np.empty((2, rows.count, handle.sizes.columns), np.float32)
        log_probs = np.empty(rows.count, np.float32)
        outputs = rows.count, address(actions), address(draws), address(log_probs)
        check(library.pgrad_policy_sample_draws(handle.value, address(rows.observations), rows.mask_place, *outputs))
        return rows.arranged(self._layout.decode(actions)), rows.arranged(draws), rows.arranged(log_probs)

    def mode(
        self,
        observations: ArrayLike,
        masks: ArrayLike | None = None,
        state: ArrayLike | None = None,
        episode_start: ArrayLike | None = None,
    ) -> Any:
        """The most probable actions; for Gaussian columns the mean. Arguments are as in `sample`.

        Returns:
            The actions, (n, *action_space.shape); with a memory these and the state after this step.
        """
        handle = self._handle
        if masks is None and state is None and episode_start is None and not handle.sizes.states:
            return self._plain.mode(observations)
        rows = InputRows(handle, observations, masks, state, episode_start)
        actions = np.empty((rows.count, handle.sizes.columns), np.float32)
        check(_MODE(handle.value, rows.argument, address(actions)))
        return rows.with_state(rows.arranged(self._layout.decode(actions)))

    def log_prob(
        self,
        observations: ArrayLike,
        actions: ArrayLike | None = None,
        masks: ArrayLike | None = None,
        state: ArrayLike | None = None,
        episode_start: ArrayLike | None = None,
        *,
        draws: ArrayLike | None = None,
    ) -> Any:
        """Log-probability log π(a|s, θ) of given actions, (n,), a density for continuous actions.

        Other arguments are as in `sample`; an action that masks do not allow is refused. Pass either ``actions`` or the
        ``draws`` of `sample_draws`. With draws the result is exact even if squashed Gaussian columns saturate.

        With a memory, also of n sequences: observations (steps, n, observation_size), the actions, masks and flags
        of ``episode_start`` likewise, and ``state`` before the first step, (n, state_size); the result is (steps, n).
        """
        handle = self._handle
        rows = InputRows(handle, observations, masks, state, episode_start)
        action_rows = self._action_rows(actions, draws, rows.lead)
        result = np.empty(rows.count, np.float32)
        if draws is None:
            check(
                library.pgrad_policy_log_prob_rows(handle.value, rows.argument, address(action_rows), address(result))
            )
        else:
            rows.require_no_memory()
            arguments = address(rows.observations), rows.mask_place, address(action_rows), rows.count, address(result)
            check(library.pgrad_policy_log_prob_draws(handle.value, *arguments))
        return rows.arranged(result)

    def entropy(
        self,
        observations: ArrayLike,
        masks: ArrayLike | None = None,
        state: ArrayLike | None = None,
        episode_start: ArrayLike | None = None,
    ) -> Any:
        """Entropy H(π(·|s, θ)) in nats, (n,), or (steps, n) for sequences. Arguments are as in `log_prob`."""
        rows = InputRows(self._handle, observations, masks, state, episode_start)
        return self._numbers(library.pgrad_policy_entropy_rows, rows)

    def kl(
        self,
        other: PolicyFunctions,
        observations: ArrayLike,
        masks: ArrayLike | None = None,
        state: ArrayLike | None = None,
        episode_start: ArrayLike | None = None,
    ) -> Any:
        """KL(π ‖ other) in nats, (n,): the divergence of this policy from another policy with the same spaces.

        Masks and states are as in `log_prob`, and apply to both policies.
        """
        if not isinstance(other, PolicyFunctions):
            raise InvalidArgumentError(f"other is {other!r}; expected a pgrad.Policy")
        rows = InputRows(self._handle, observations, masks, state, episode_start)
        return self._numbers(library.pgrad_policy_kl_rows, rows, other._handle.value)

    def value(
        self, observations: ArrayLike, state: ArrayLike | None = None, episode_start: ArrayLike | None = None
    ) -> Any:
        """V(s), (n,), or (steps, n) for sequences. The policy must have a value function.

        States are as in `log_prob`. With a memory, V depends on the state before the step: call this with the state
        that is then given to `sample`.
        """
        handle = self._handle
        if state is None and episode_start is None and not handle.sizes.states:
            return self._plain.value(observations)
        rows = InputRows(handle, observations, None, state, episode_start)
        return self._numbers(library.pgrad_policy_value_rows, rows)

    def _numbers(self, function: Any, rows: InputRows, *arguments: Any) -> Any:
        """One number for each row."""
        result = np.empty(rows.count, np.float32)
        check(function(self._handle.value, *arguments, rows.argument, address(result)))
        return rows.arranged(result)

    def _act(
        self,
        rows: FloatArray,
        deterministic: bool,
        masks: Array | None = None,
        state: FloatArray | None = None,
        starts: Array | None = None,
    ) -> tuple[FloatArray, FloatArray | None]:
        """Rows of actions, and the states after them; None without a memory."""
        deterministic = switch("deterministic", deterministic)
        handle = self._handle
        sizes = handle.sizes
        count, width = rows.shape
        if width != sizes.observation_size:
            raise wrong_shape("observations", rows.shape, f"(n, {sizes.observation_size})")
        if count == 1 and masks is None and not sizes.states:
            return self._plain.act(rows, deterministic), None
        actions = np.empty((count, sizes.columns), np.float32)
        after = np.empty((count, sizes.states), np.float32) if sizes.states else None
        argument = rows_argument(rows, masks, count, 1, state, after, starts)
        if deterministic:
            check(_MODE(handle.value, argument, address(actions)))
        else:
            check(_SAMPLE_ROWS(handle.value, argument, address(actions), None))
        return actions, after


_SAMPLE_ROWS = library.pgrad_policy_sample_rows
_MODE = library.pgrad_policy_mode_rows
