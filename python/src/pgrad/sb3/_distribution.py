"""The distribution of actions, with the methods of Stable-Baselines3's distributions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad.errors import InvalidArgumentError
from pgrad.sb3._tensors import arrays_of, like
from pgrad.spaces import Categorical, Gaussian

if TYPE_CHECKING:
    from pgrad._envs.actions import ActionCodec
    from pgrad.policy import Policy
    from pgrad.types import Array, FloatArray


class ActionDistribution:
    """π(·|s) for some observations.

    Args:
        policy: The policy.
        rows: The observations, (n, observation_size).
        masks: Which choices are allowed, (n, mask_size); None for all.
        codec: The environment's actions.
        given: What the user gave; if it is a tensor, methods return tensors.
    """

    def __init__(
        self, policy: Policy, rows: FloatArray, masks: Array | None, codec: ActionCodec, given: Any = None
    ) -> None:
        self._policy, self._rows, self._masks, self._codec, self._given = policy, rows, masks, codec, given

    def sample(self) -> Any:
        """Draw an action for each observation; Box actions are not clipped."""
        return self.get_actions()

    def mode(self) -> Any:
        """The most probable action for each observation."""
        return self.get_actions(deterministic=True)

    def get_actions(self, deterministic: bool = False) -> Any:
        """Draw actions, or take the most probable ones.

        Args:
            deterministic: Whether to take the most probable ones.
        """
        actions, _ = self._policy._act(self._rows, deterministic, self._masks)
        is_box = isinstance(self._policy.action_space, Gaussian)
        shaped = actions.reshape(len(actions), *self._shape) if is_box else self._codec.batch(actions)
        return like(self._given, shaped)

    def log_prob(self, actions: Any) -> Any:
        """The log-probability of an action for each observation, (n,).

        Args:
            actions: The actions.
        """
        numbers = np.asarray(arrays_of(actions), np.float32) - np.float32(getattr(self._codec, "_start", 0))
        space = self._policy.action_space
        columns = numbers.reshape(len(self._rows), space.columns)
        shaped = columns if space.shape else columns[:, 0]
        return like(self._given, self._policy.log_prob(self._rows, shaped, self._masks))

    def entropy(self) -> Any:
        """The entropy for each observation, (n,)."""
        return like(self._given, self._policy.entropy(self._rows, self._masks))

    @property
    def distribution(self) -> SimpleNamespace:
        """The numbers of the distribution.

        ``probs`` and ``logits``, (n, choices), of Discrete actions; ``mean`` and ``stddev``, (n, columns), of Box
        actions without gSDE.
        """
        space, count = self._policy.action_space, len(self._rows)
        if isinstance(space, Categorical):
            columns = [self._of_choice(choice) for choice in range(space.n)]
            probs = np.stack(columns, 1)
            with np.errstate(divide="ignore"):
                logits = np.log(probs)
            return SimpleNamespace(probs=like(self._given, probs), logits=like(self._given, logits))
        log_std = self._policy._tensors().get("policy.log_std")
        if not isinstance(space, Gaussian) or log_std is None:
            raise InvalidArgumentError(
                f"the numbers of a distribution of {space} are not available; expected Discrete or Box actions without "
                "gSDE: log_prob, entropy, mode and sample serve all"
            )
        mean, _ = self._policy._act(self._rows, True, None)
        deviation = np.broadcast_to(np.exp(log_std), (count, space.columns))
        return SimpleNamespace(mean=like(self._given, mean), stddev=like(self._given, deviation))

    def _of_choice(self, choice: int) -> FloatArray:
        """The probability of a choice for each observation."""
        probabilities = np.zeros(len(self._rows), np.float32)
        allowed = np.ones(len(self._rows), np.bool_) if self._masks is None else self._masks[:, choice].astype(np.bool_)
        if allowed.any():
            masks = None if self._masks is None else self._masks[allowed]
            chosen = np.full(int(allowed.sum()), choice)
            probabilities[allowed] = np.exp(self._policy.log_prob(self._rows[allowed], chosen, masks))
        return probabilities

    @property
    def _shape(self) -> tuple[int, ...]:
        return tuple(getattr(self._codec, "_shape", (self._policy.action_space.columns,)))
