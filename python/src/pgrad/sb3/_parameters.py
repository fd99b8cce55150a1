"""Parameters as a dict of named arrays, as in Stable-Baselines3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pgrad.agents.agent import Agent
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._names import load_their_tensors
from pgrad.sb3._options import check_device


class Parameters(Agent):
    """An agent whose parameters are read and set by name."""

    def get_parameters(self) -> dict[str, dict[str, Any]]:
        """Copies of the parameters: ``{"policy": arrays by pgrad's names}``."""
        return {"policy": {name: array.copy() for name, array in self.policy.state_dict().items()}}

    def set_parameters(self, load_path_or_dict: Any, exact_match: bool = True, device: Any = "auto") -> None:
        """Set parameters by name.

        Args:
            load_path_or_dict: A dict as `get_parameters` returns it, here or in Stable-Baselines3; or a file of an
                agent.
            exact_match: Whether all parameters must be given.
            device: "auto" or "cpu".
        """
        check_device(device)
        given = load_path_or_dict
        if not isinstance(given, Mapping):
            given = type(self).load(given).get_parameters()
        tensors = given.get("policy", None if exact_match else {})
        if not isinstance(tensors, Mapping):
            raise InvalidArgumentError(f"the parameters have the keys {list(given)}; expected 'policy'")
        own = self.policy.state_dict()
        if "action_net.bias" in tensors:
            load_their_tensors(self.policy, {name: _array(tensor) for name, tensor in tensors.items()})
        else:
            self.policy.load_state_dict(tensors if exact_match else {**own, **tensors})


def _array(tensor: Any) -> Any:
    """A tensor of torch as an array."""
    return tensor.detach().cpu().numpy() if hasattr(tensor, "detach") else tensor
