"""Functions of a policy: sampling, probabilities, values and gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import address, check, library
from pgrad._rows import input_rows, mask_size, rows_argument
from pgrad._validation import shaped, wrong_shape
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from pgrad._actions import ActionLayout
    from pgrad._handle import Handle
    from pgrad.types import Array, ArrayLike, FloatArray


class PolicyFunctions:
    """The functions of a policy, without its construction and storage."""

    observation_size: int
    parameter_count: int
    _handle: Handle
    _layout: ActionLayout

    @property
    def mask_size(self) -> int:
        """The number of flags in one row of masks.

        Parts follow in order. A categorical part has one flag per choice. A Bernoulli column has two: whether it may be
        0, and whether it may be 1. Continuous parts have none. True or 1 allows a choice; a choice that is not allowed
        has probability exactly 0.
        """
        return mask_size(self._handle)

    def sample(self, observations: ArrayLike, masks: ArrayLike | None = None) -> tuple[Any, Any]:
        """Draw actions a ~ π(·|s, θ).

        Args:
            observations: (n, observation_size).
            masks: Which choices are allowed, (n, mask_size); None for all.

        Returns:
            The actions, (n, *action_space.shape), and their log-probabilities, (n,); Gaussian columns are not clipped.
        """
        handle = self._handle
        rows, allowed, count, single = input_rows(handle, observations, masks)
        actions = np.empty((count, handle.sizes.columns), np.float32)
        log_probs = np.empty(count, np.float32)
        if allowed is None:  # the hot path needs no structure of rows
            status = _SAMPLE(handle.value, address(rows), count, address(actions), address(log_probs))
        else:
            status = _SAMPLE_ROWS(
                handle.value, rows_argument(rows, allowed, count), address(actions), address(log_probs)
            )
        if status:
            check(status)
        return self._layout.decode(actions, single), log_probs[0] if single else log_probs

    def sample_draws(self, observations: ArrayLike, masks: ArrayLike | None = None) -> tuple[Any, FloatArray, Any]:
        """Draw actions as `sample` does, and return the draws too: pre-squash actions in squashed Gaussian columns.

        If the pre-squash action u is far from 0, the squashed action rounds to a bound and no longer determines u.
        `log_prob` and `score_gradient` with ``draws=`` are then exact; with actions they are biased, from abs(u) of
        about 8 for bounds [-1, 1]. Columns of other kinds are equal to the actions.

        Args:
            observations: (n, observation_size).
            masks: As in `sample`.

        Returns:
            The actions, (n, *action_space.shape), the draws, float32 of shape (n, columns), and the log-probabilities,
            (n,).
        """
        handle = self._handle
        rows, allowed, count, single = input_rows(handle, observations, masks)
        actions, draws = np.empty((2, count, handle.sizes.columns), np.float32)
        log_probs = np.empty(count, np.float32)
        outputs = address(actions), address(draws), address(log_probs)
        check(library.pgrad_policy_sample_draws(handle.value, address(rows), _place(allowed), count, *outputs))
        decoded = self._layout.decode(actions, single)
        return (decoded, draws[0], log_probs[0]) if single else (decoded, draws, log_probs)

    def mode(self, observations: ArrayLike, masks: ArrayLike | None = None) -> Any:
        """The most probable actions; for Gaussian columns the mean. Masks are as in `sample`."""
        handle = self._handle
        rows, allowed, count, single = input_rows(handle, observations, masks)
        actions = np.empty((count, handle.sizes.columns), np.float32)
        check(_MODE(handle.value, rows_argument(rows, allowed, count), address(actions)))
        return self._layout.decode(actions, single)

    def log_prob(
        self,
        observations: ArrayLike,
        actions: ArrayLike | None = None,
        masks: ArrayLike | None = None,
        *,
        draws: ArrayLike | None = None,
    ) -> Any:
        """Log-probability log π(a|s, θ) of given actions, (n,), a density for continuous actions.

        Masks are as in `sample`; an action that they do not allow is refused. Pass either ``actions`` or the ``draws``
        of `sample_draws`. With draws the result is exact even if squashed Gaussian columns saturate.
        """
        handle = self._handle
        rows, allowed, count, single = input_rows(handle, observations, masks)
        action_rows = self._action_rows(handle, actions, draws, count, single)
        result = np.empty(count, np.float32)
        if draws is None:
            inputs = rows_argument(rows, allowed, count)
            check(library.pgrad_policy_log_prob_rows(handle.value, inputs, address(action_rows), address(result)))
        else:
            arguments = address(rows), _place(allowed), address(action_rows), count, address(result)
            check(library.pgrad_policy_log_prob_draws(handle.value, *arguments))
        return result[0] if single else result

    def entropy(self, observations: ArrayLike, masks: ArrayLike | None = None) -> Any:
        """Entropy H(π(·|s, θ)) in nats, (n,). Masks are as in `sample`."""
        handle = self._handle
        rows, allowed, count, single = input_rows(handle, observations, masks)
        result = np.empty(count, np.float32)
        check(library.pgrad_policy_entropy_rows(handle.value, rows_argument(rows, allowed, count), address(result)))
        return result[0] if single else result

    def kl(self, other: PolicyFunctions, observations: ArrayLike, masks: ArrayLike | None = None) -> Any:
        """KL(π ‖ other) in nats, (n,): the divergence of this policy from another policy with the same spaces.

        Masks are as in `sample`, and apply to both policies.
        """
        if not isinstance(other, PolicyFunctions):
            raise InvalidArgumentError(f"other is {other!r}; expected a pgrad.Policy")
        handle = self._handle
        rows, allowed, count, single = input_rows(handle, observations, masks)
        result = np.empty(count, np.float32)
        inputs = rows_argument(rows, allowed, count)
        check(library.pgrad_policy_kl_rows(handle.value, other._handle.value, inputs, address(result)))
        return result[0] if single else result

    def value(self, observations: ArrayLike) -> Any:
        """V(s), (n,). The policy must have a value function."""
        handle = self._handle
        rows, _, count, single = input_rows(handle, observations, None)
        result = np.empty(count, np.float32)
        check(library.pgrad_policy_value(handle.value, address(rows), count, address(result)))
        return result[0] if single else result

    def score_gradient(
        self,
        observations: ArrayLike,
        actions: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        masks: ArrayLike | None = None,
        *,
        draws: ArrayLike | None = None,
    ) -> FloatArray:
        """The weighted score Σ_i weights_i ∇θ log π(actions_i | observations_i, θ).

        Args:
            observations: (n, observation_size).
            actions: (n, *action_space.shape); None with ``draws``.
            weights: (n,), the Ψ_t of the policy gradient; required.
            masks: As in `sample`; an action that they do not allow is refused.
            draws: (n, columns), from `sample_draws`, instead of actions: exact even if squashed Gaussian columns
                saturate.

        Returns:
            One number for each parameter, in the order of `parameters`; 0 for parameters of the value function.
        """
        handle = self._handle
        rows, allowed, count, single = input_rows(handle, observations, masks)
        action_rows = self._action_rows(handle, actions, draws, count, single)
        if weights is None:
            raise InvalidArgumentError("weights is None; expected one number for each row")
        weight_rows = shaped("weights", weights, () if single else (count,))
        gradient = np.empty(handle.sizes.parameters, np.float32)
        taken = address(action_rows), address(weight_rows)
        if draws is None:
            inputs = rows_argument(rows, allowed, count)
            check(library.pgrad_policy_score_gradient_rows(handle.value, inputs, *taken, address(gradient)))
        else:
            places = address(rows), _place(allowed), *taken
            check(library.pgrad_policy_score_gradient_draws(handle.value, *places, count, address(gradient)))
        return gradient

    def entropy_gradient(
        self, observations: ArrayLike, weights: ArrayLike, masks: ArrayLike | None = None
    ) -> FloatArray:
        """The gradient of the weighted entropy, Σ_i weights_i ∇θ H(π(·|observations_i, θ)).

        Args:
            observations: (n, observation_size).
            weights: (n,).
            masks: As in `sample`.

        Returns:
            One number for each parameter, in the order of `parameters`; 0 for parameters of the value function.
        """
        return self._gradient(library.pgrad_policy_entropy_gradient_rows, observations, weights, masks)

    def value_gradient(self, observations: ArrayLike, weights: ArrayLike) -> FloatArray:
        """The gradient of the weighted values, Σ_i weights_i ∇θ V(observations_i, θ).

        With weights R_i - V(s_i), a step along this gradient lowers the loss ½ Σ (V(s_i) - R_i)². The policy must have
        a value function.

        Args:
            observations: (n, observation_size).
            weights: (n,).

        Returns:
            One number for each parameter; 0 for parameters that the value function does not use.
        """
        return self._gradient(library.pgrad_policy_value_gradient_rows, observations, weights, None)

    def _gradient(
        self, function: Any, observations: ArrayLike, weights: ArrayLike, masks: ArrayLike | None
    ) -> FloatArray:
        """A weighted sum of gradients over rows, for functions without actions."""
        handle = self._handle
        rows, allowed, count, single = input_rows(handle, observations, masks)
        weight_rows = shaped("weights", weights, () if single else (count,))
        gradient = np.empty(handle.sizes.parameters, np.float32)
        check(function(handle.value, rows_argument(rows, allowed, count), address(weight_rows), address(gradient)))
        return gradient

    def fisher_vector(self, observations: ArrayLike, vector: ArrayLike, masks: ArrayLike | None = None) -> FloatArray:
        """The product F v of the Fisher matrix F = E[∇θ log π ∇θ log πᵀ], averaged over observations, and a vector.

        The expectation over actions is exact. Solving F x = ∇J makes x the natural gradient.

        Args:
            observations: (n, observation_size).
            vector: One number for each parameter, in the order of `parameters`.
            masks: As in `sample`.

        Returns:
            One number for each parameter; 0 for parameters of the value function.
        """
        handle = self._handle
        rows, allowed, count, _ = input_rows(handle, observations, masks)
        numbers = shaped("vector", vector, (handle.sizes.parameters,))
        product = np.empty(handle.sizes.parameters, np.float32)
        inputs = rows_argument(rows, allowed, count)
        check(library.pgrad_policy_fisher_vector_rows(handle.value, inputs, address(numbers), address(product)))
        return product

    def _action_rows(
        self, handle: Handle, actions: ArrayLike | None, draws: ArrayLike | None, count: int, single: bool
    ) -> FloatArray:
        """Actions or draws as rows of floats."""
        columns = handle.sizes.columns
        if actions is None and draws is not None:
            return shaped("draws", draws, (columns,) if single else (count, columns))
        if actions is None or draws is not None:
            given = "neither" if actions is None else "both"
            raise InvalidArgumentError(f"{given} of actions and draws are given; expected exactly one")
        return self._layout.encode(actions, count, columns, single)

    def _act(self, rows: FloatArray, deterministic: bool, masks: Array | None = None) -> FloatArray:
        handle = self._handle
        sizes = handle.sizes
        count, width = rows.shape
        if width != sizes.observation_size:
            raise wrong_shape("observations", rows.shape, f"(n, {sizes.observation_size})")
        actions = np.empty((count, sizes.columns), np.float32)
        if deterministic:
            check(_MODE(handle.value, rows_argument(rows, masks, count), address(actions)))
        else:
            check(_SAMPLE_ROWS(handle.value, rows_argument(rows, masks, count), address(actions), None))
        return actions


_SAMPLE = library.pgrad_policy_sample
_SAMPLE_ROWS = library.pgrad_policy_sample_rows
_MODE = library.pgrad_policy_mode_rows


def _place(masks: Array | None) -> int | None:
    return None if masks is None else address(masks)
