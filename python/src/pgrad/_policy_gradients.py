"""Gradients of a policy, and products with its Fisher matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import address, check, library
from pgrad._rows import InputRows
from pgrad._validation import shaped
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from pgrad._actions import ActionLayout
    from pgrad._handle import Handle
    from pgrad.types import ArrayLike, FloatArray


class PolicyGradients:
    """The gradients of a policy. Of sequences, gradients pass through all steps; the first state is a constant."""

    _handle: Handle
    _layout: ActionLayout

    def score_gradient(
        self,
        observations: ArrayLike,
        actions: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        masks: ArrayLike | None = None,
        state: ArrayLike | None = None,
        episode_start: ArrayLike | None = None,
        *,
        draws: ArrayLike | None = None,
    ) -> FloatArray:
        """The weighted score Σ_i weights_i ∇θ log π(actions_i | observations_i, θ).

        Args:
            observations: (n, observation_size), or (steps, n, observation_size) of a policy with a memory.
            actions: (n, *action_space.shape), or (steps, n, *action_space.shape); None with ``draws``.
            weights: (n,) or (steps, n), the Ψ_t of the policy gradient; required.
            masks: As in `sample`; an action that they do not allow is refused.
            state: As in `sample`, before the first step.
            episode_start: As in `sample`.
            draws: (n, columns), from `sample_draws`, instead of actions: exact even if squashed Gaussian columns
                saturate.

        Returns:
            One number for each parameter, in the order of `parameters`; 0 for parameters of the value function.
        """
        handle = self._handle
        rows = InputRows(handle, observations, masks, state, episode_start)
        action_rows = self._action_rows(actions, draws, rows.lead)
        if weights is None:
            raise InvalidArgumentError("weights is None; expected one number for each row")
        weight_rows = shaped("weights", weights, rows.lead)
        gradient = np.empty(handle.sizes.parameters, np.float32)
        taken = address(action_rows), address(weight_rows)
        if draws is None:
            check(library.pgrad_policy_score_gradient_rows(handle.value, rows.argument, *taken, address(gradient)))
        else:
            rows.require_no_memory()
            places = address(rows.observations), rows.mask_place, *taken
            check(library.pgrad_policy_score_gradient_draws(handle.value, *places, rows.count, address(gradient)))
        return gradient

    def entropy_gradient(
        self,
        observations: ArrayLike,
        weights: ArrayLike,
        masks: ArrayLike | None = None,
        state: ArrayLike | None = None,
        episode_start: ArrayLike | None = None,
    ) -> FloatArray:
        """The gradient of the weighted entropy, Σ_i weights_i ∇θ H(π(·|observations_i, θ)).

        Args:
            observations: As in `score_gradient`.
            weights: (n,) or (steps, n).
            masks: As in `sample`.
            state: As in `sample`, before the first step.
            episode_start: As in `sample`.

        Returns:
            One number for each parameter, in the order of `parameters`; 0 for parameters of the value function.
        """
        rows = InputRows(self._handle, observations, masks, state, episode_start)
        return self._gradient(library.pgrad_policy_entropy_gradient_rows, rows, weights)

    def value_gradient(
        self,
        observations: ArrayLike,
        weights: ArrayLike,
        state: ArrayLike | None = None,
        episode_start: ArrayLike | None = None,
    ) -> FloatArray:
        """The gradient of the weighted values, Σ_i weights_i ∇θ V(observations_i, θ).

        With weights R_i - V(s_i), a step along this gradient lowers the loss ½ Σ (V(s_i) - R_i)². The policy must have
        a value function.

        Args:
            observations: As in `score_gradient`.
            weights: (n,) or (steps, n).
            state: As in `sample`, before the first step.
            episode_start: As in `sample`.

        Returns:
            One number for each parameter; 0 for parameters that the value function does not use.
        """
        rows = InputRows(self._handle, observations, None, state, episode_start)
        return self._gradient(library.pgrad_policy_value_gradient_rows, rows, weights)

    def _gradient(self, function: Any, rows: InputRows, weights: ArrayLike) -> FloatArray:
        """A weighted sum of gradients over rows, for functions without actions."""
        handle = self._handle
        weight_rows = shaped("weights", weights, rows.lead)
        gradient = np.empty(handle.sizes.parameters, np.float32)
        check(function(handle.value, rows.argument, address(weight_rows), address(gradient)))
        return gradient

    def fisher_vector(
        self,
        observations: ArrayLike,
        vector: ArrayLike,
        masks: ArrayLike | None = None,
        state: ArrayLike | None = None,
        episode_start: ArrayLike | None = None,
    ) -> FloatArray:
        """The product F v of the Fisher matrix F = E[∇θ log π ∇θ log πᵀ], averaged over observations, and a vector.

        The expectation over actions is exact. Solving F x = ∇J makes x the natural gradient.

        Args:
            observations: As in `score_gradient`.
            vector: One number for each parameter, in the order of `parameters`.
            masks: As in `sample`.
            state: As in `sample`, before the first step.
            episode_start: As in `sample`.

        Returns:
            One number for each parameter; 0 for parameters of the value function.
        """
        handle = self._handle
        rows = InputRows(handle, observations, masks, state, episode_start)
        numbers = shaped("vector", vector, (handle.sizes.parameters,))
        product = np.empty(handle.sizes.parameters, np.float32)
        check(library.pgrad_policy_fisher_vector_rows(handle.value, rows.argument, address(numbers), address(product)))
        return product

    def _action_rows(self, actions: ArrayLike | None, draws: ArrayLike | None, lead: tuple[int, ...]) -> FloatArray:
        """Actions or draws as rows of floats."""
        columns = self._handle.sizes.columns
        if actions is None and draws is not None:
            return shaped("draws", draws, (*lead, columns))
        if actions is None or draws is not None:
            given = "neither" if actions is None else "both"
            raise InvalidArgumentError(f"{given} of actions and draws are given; expected exactly one")
        return self._layout.encode(actions, lead, columns)
