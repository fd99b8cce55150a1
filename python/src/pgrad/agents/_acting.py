"""Acting: converts observations and actions between an environment's spaces and the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._actions import bounds
from pgrad._bindings import note, policy_of, set_note
from pgrad._closeable import Closeable
from pgrad._envs.action_codecs import action_codec
from pgrad._envs.actions import ActionCodec, PlainActions
from pgrad._envs.codecs import codecs
from pgrad._envs.masks import mask_row
from pgrad._envs.observations import ObservationCodec
from pgrad._envs.space_text import is_space_text, spaces_of
from pgrad._envs.spaces import Spaces
from pgrad._rows import states_and_starts
from pgrad.errors import Error, InvalidArgumentError, Status
from pgrad.observations import joined

if TYPE_CHECKING:
    from pgrad._handle import Handle
    from pgrad.policy import Policy
    from pgrad.types import Array, ArrayLike, FloatArray, ObservationLike


class Acting(Closeable):
    """A policy that takes observations and gives actions in the spaces of an environment."""

    policy: Policy

    def _act_by(self, handle: Handle, policy: Policy) -> None:
        """Act with a policy, in the policy's own spaces.

        Args:
            handle: The library's agent.
            policy: The agent's policy.
        """
        self._handle = handle
        self._observations: ObservationCodec = ObservationCodec((policy.observation_size,))
        self._actions: ActionCodec = PlainActions(policy.action_space)
        self.policy = policy
        self._bounds = bounds(policy.action_space)
        self._spaces: str | None = None

    def _act_in(self, spaces: Spaces) -> None:
        """Act in the spaces of an environment, and describe them in the policy's note."""
        self._observations, self._actions = spaces.observation_codec, spaces.action_codec
        self._bounds = bounds(spaces.action_space)
        self._spaces = spaces.space_text
        self._note_spaces()

    def _note_spaces(self) -> None:
        """Describe the environment's spaces in the policy's note, unless the note holds other text.

        It replaces a description that another agent of the same policy wrote.
        """
        policy = policy_of(self._handle)
        old = note(policy)
        if self._spaces is not None and old != self._spaces and (not old or is_space_text(old)):
            set_note(policy, self._spaces)

    def _take_spaces(self) -> None:
        """Take observations and give actions as in the environment that the policy's note describes."""
        self._take_described(note(policy_of(self._handle)))

    def _take_described(self, text: str) -> None:
        """The same for the text of a note."""
        described = spaces_of(text)
        if described is None:
            return
        observation_space, action_space = described
        try:
            if observation_space is None:
                observations, actions = self._observations, action_codec(action_space)
                parts = joined(observations.parts)
            else:
                observations, actions = codecs(observation_space, action_space)
                parts = self.policy.observation_parts
            Spaces(observations, actions).fit(parts, self.policy.action_space)
        except InvalidArgumentError as refusal:
            raise Error(
                f"the file describes spaces that do not fit its policy, pass env to load it: {refusal.message}",
                Status.BAD_FILE,
            ) from None
        self._spaces = text
        self._observations, self._actions, self._bounds = observations, actions, bounds(actions.space)

    def predict(
        self,
        observation: ObservationLike,
        state: ArrayLike | None = None,
        episode_start: ArrayLike | None = None,
        deterministic: bool = False,
        action_masks: ArrayLike | None = None,
    ) -> tuple[Any, FloatArray | None]:
        """Choose actions for one observation or a batch.

        Args:
            observation: One observation in the environment's shape, or a batch. For a Dict or Tuple space: a dict or
                tuple whose arrays are single values or batches, or a list of dicts. A mask under the key
                ``"action_mask"``, where the environment has one, is used.
            state: Of a policy with a memory, what this method returned at the previous step; None for zeros.
            episode_start: Flags, True where an episode starts, so that the state is set to 0 before this step: one, or
                one for each observation of a batch; None for none. Ignored without a memory.
            deterministic: Whether to take the most probable action instead of sampling.
            action_masks: Which choices are allowed: one mask, or one for each observation of a batch, in the format of
                `Policy.mask_size`; None for the masks in the observations, or for all if they hold none.

        Returns:
            The action (or batch of actions) in the environment's shape and type, within its bounds, and the state after
            this step: float32 of shape (state_size,), or (n, state_size) for a batch; None without a memory.
            Stable-Baselines3's RecurrentPPO returns its state as a tuple of arrays.
        """
        try:
            rows, single = self._observations.rows(observation)
        except InvalidArgumentError:
            _refuse_reset_result(observation)
            raise
        if action_masks is not None:
            masks: Array | None = self._mask_rows(action_masks, len(rows), single)
        elif self._observations.masks is not None:
            masks = self._observations.masks.rows(observation, len(rows))
        else:
            masks = None
        before = starts = None
        if state is not None or episode_start is not None:
            lead = () if single else (len(rows),)
            before, starts = states_and_starts(self.policy._handle, state, episode_start, lead)
        try:
            actions, after = self.policy._act(rows, deterministic, masks, before, starts)
        except InvalidArgumentError as refusal:
            if action_masks is None or not refusal.message.startswith("masks["):
                raise
            raise InvalidArgumentError(f"action_{refusal.message}", refusal.status) from None
        if self._bounds is not None:
            np.clip(actions, *self._bounds, out=actions)
        if single:
            return self._actions.one(actions[0]), None if after is None else after[0]
        return self._actions.batch(actions), after

    def _mask_rows(self, masks: ArrayLike, count: int, single: bool) -> Array:
        """One row of flags for each observation."""
        size = self.policy.mask_size
        if size == 0:
            raise InvalidArgumentError(f"action_masks is {masks!r:.80}; expected None, because no action is a choice")
        rows: Any = [masks] if single else masks
        if not isinstance(rows, (list, tuple, np.ndarray)) or len(rows) != count:
            raise InvalidArgumentError(
                f"action_masks is {masks!r:.80}; expected {count} masks, one for each observation"
            )
        return np.stack([mask_row(f"action_masks[{index}]", row, size) for index, row in enumerate(rows)]).astype(
            np.uint8, order="C"
        )


def _refuse_reset_result(observation: Any) -> None:
    """Say so if an observation that cannot be read is what ``env.reset()`` returns."""
    if isinstance(observation, tuple) and len(observation) == 2 and isinstance(observation[1], dict):  # noqa: PLR2004
        raise InvalidArgumentError(
            "observation is a tuple of an observation and a dict, such as env.reset() returns; expected the first alone"
        )
