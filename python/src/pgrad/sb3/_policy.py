"""The ``policy`` of an agent, with the methods of Stable-Baselines3's ``ActorCriticPolicy``."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._attributes import declared
from pgrad._typing import override
from pgrad.errors import InvalidArgumentError
from pgrad.policy import Policy
from pgrad.sb3._distribution import ActionDistribution
from pgrad.sb3._names import load_their_tensors, their_tensors
from pgrad.sb3._options import Device
from pgrad.sb3._predicting import Actor
from pgrad.sb3._spaces import extractor_names, with_channels
from pgrad.sb3._tensors import array_of, arrays_of, like, tensor_if_imported
from pgrad.sb3._traced import is_traced, traced_forward

if TYPE_CHECKING:
    from collections.abc import Mapping


_INSTEAD = {
    ("optimizer", "optimizer_class", "optimizer_kwargs"): "the agent has it; policy_kwargs and learning_rate set it up",
    ("named_parameters", "modules", "children", "buffers"): "state_dict() has all parameters by name",
    (
        *("features_extractor", "pi_features_extractor", "vf_features_extractor", "mlp_extractor", "action_net"),
        *("value_net", "log_std", "lstm_actor", "lstm_critic"),
    ): "the networks are in the library, not in torch; state_dict() has their parameters by name",
    ("extract_features", "action_dist"): "get_distribution and predict_values evaluate the networks",
}
"""What policies have in place of attributes of Stable-Baselines3's."""


class ActorCriticPolicy(Policy):
    """A `pgrad.Policy` with the methods of Stable-Baselines3's ``ActorCriticPolicy``.

    Methods that take observations take them as the environment gives them, one or a batch; they take arrays and return
    arrays, or take tensors of torch and return tensors, which have no gradients. `pgrad.Policy.score_gradient` and its
    neighbours compute gradients.
    """

    _own_actor: Actor | None = None

    @override
    def _check_assignment(self, name: str) -> None:
        """Let users add attributes of their own."""
        kind = type(self)
        if hasattr(kind, name) or name in declared(kind) or name in inspect.signature(Policy).parameters:
            super()._check_assignment(name)

    @classmethod
    def _for(cls, policy: Policy, actor: Actor) -> ActorCriticPolicy:
        """The policy with what acts for it."""
        made = cls._of(policy._handle)
        made._own_actor = actor
        return made

    @property
    def _actor(self) -> Actor:
        if self._own_actor is None:  # a policy that was copied or loaded by itself
            self._own_actor = Actor(self._handle, Policy._of(self._handle))
            self._own_actor.act_as_described()
        return self._own_actor

    def _extractor_of_part(self, part: int) -> str:
        """What Stable-Baselines3's names of the layers that read a part of an observation start with."""
        return extractor_names(self._actor._observations)[part]

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
        action_masks: Any = None,
    ) -> tuple[Any, Any]:
        """The same as `predict` of the agent."""
        return self._actor.predict(arrays_of(observation), state, episode_start, deterministic, action_masks)

    def get_distribution(self, obs: Any, action_masks: Any = None) -> ActionDistribution:
        """The distribution of the actions.

        Args:
            obs: Observations.
            action_masks: Which choices are allowed; None for all.
        """
        rows = self._rows(obs)
        masks = None if action_masks is None else np.asarray(action_masks).reshape(len(rows), -1)
        return ActionDistribution(self, rows, masks, self._actor._actions, obs)

    def evaluate_actions(self, obs: Any, actions: Any, action_masks: Any = None) -> tuple[Any, Any, Any]:
        """Values (n, 1), log-probabilities (n,) of given actions, and entropies (n,).

        Args:
            obs: Observations.
            actions: An action for each.
            action_masks: Which choices are allowed; None for all.
        """
        distribution = self.get_distribution(obs, action_masks)
        return self.predict_values(obs), distribution.log_prob(actions), distribution.entropy()

    def predict_values(self, obs: Any) -> Any:
        """The value of each observation, (n, 1)."""
        return like(obs, self.value(self._rows(obs))[:, None])

    def forward(self, obs: Any, deterministic: bool = False, action_masks: Any = None) -> tuple[Any, Any, Any]:
        """Actions that are not clipped, their values (n, 1) and log-probabilities (n,).

        `torch.onnx.export` and `torch.jit.trace` record it for policies of dense layers that read a Box.

        Args:
            obs: Observations.
            deterministic: Whether to take the most probable actions.
            action_masks: Which choices are allowed; None for all.
        """
        if is_traced(obs):
            return traced_forward(self, obs, self._actor._actions, deterministic, action_masks)
        distribution = self.get_distribution(obs, action_masks)
        actions = distribution.get_actions(deterministic)
        return actions, self.predict_values(obs), distribution.log_prob(actions)

    __call__ = forward

    def obs_to_tensor(self, observation: Any) -> tuple[Any, bool]:
        """A batch of observations as float32 rows, and whether they are a batch of the environment's.

        Rows are arrays, which the other methods take too.
        """
        observations = self._actor._observations
        rows, single = observations.rows(with_channels(observations, arrays_of(observation)))
        return rows, not single

    def _rows(self, obs: Any) -> Any:
        if self.memory is not None:
            raise InvalidArgumentError(
                "the policy has an LSTM; expected one without: model.predict, and pgrad.Policy's sample, log_prob, "
                "entropy and value, take its state"
            )
        given = arrays_of(obs)
        size = self._handle.sizes.observation_size
        if isinstance(given, np.ndarray) and given.shape[1:] == (size,) and given.dtype == np.float32:
            return np.ascontiguousarray(given)
        observations = self._actor._observations
        return observations.rows(with_channels(observations, given))[0]

    @override
    def state_dict(self) -> dict[str, Any]:
        """Copies of the parameters by Stable-Baselines3's names, in its shapes.

        They are tensors where torch has been imported, otherwise arrays. `pgrad.Policy.state_dict` of this policy,
        ``pgrad.Policy.state_dict(model.policy)``, has views by pgrad's names.
        """
        return {name: tensor_if_imported(array) for name, array in their_tensors(self).items()}

    @override
    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> None:
        """Set parameters by name.

        Args:
            state_dict: Arrays or tensors by the names of `state_dict`, or by pgrad's.
            strict: Whether all parameters must be given.
        """
        if not hasattr(state_dict, "items"):
            raise InvalidArgumentError(f"state_dict is {state_dict!r:.80}; expected a mapping from names to arrays")
        given = {name: array_of(value) for name, value in state_dict.items()}
        own = self._tensors()
        if given.keys() & own.keys():
            super().load_state_dict(given if strict else {**own, **given})
        else:
            load_their_tensors(self, given if strict else {**their_tensors(self), **given})

    @property
    def net_arch(self) -> dict[str, list[int]]:
        """Widths of the hidden layers."""
        value = self.hidden_sizes if self.value_hidden_sizes is None else self.value_hidden_sizes
        return {"pi": list(self.hidden_sizes), "vf": list(value)}

    @property
    def device(self) -> Device:
        """Where the policy computes: "cpu"."""
        return Device("cpu")

    def to(self, device: Any) -> ActorCriticPolicy:
        """This policy, which stays on the CPU.

        Args:
            device: Ignored.
        """
        return self

    def set_training_mode(self, mode: bool) -> None:
        """Nothing: policies have no layers that differ in training.

        Args:
            mode: Ignored.
        """

    def reset_noise(self, n_envs: int = 1) -> None:
        """Nothing: with gSDE, every call that samples draws new noise; agents keep it for ``sde_sample_freq`` steps.

        Args:
            n_envs: Ignored.
        """

    def __getattr__(self, name: str) -> Any:
        """Raise an error that names what pgrad has instead of parts of Stable-Baselines3's policies."""
        instead = next((advice for names, advice in _INSTEAD.items() if name in names), None)
        raise AttributeError(
            f"{type(self).__name__} has no attribute {name!r}" + ("" if instead is None else f": {instead}")
        )
