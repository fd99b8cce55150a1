"""Parameters as a dict of named arrays, as in Stable-Baselines3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pgrad.agents.agent import Agent
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._options import check_device


class Parameters(Agent):
    """An agent whose parameters are read and set by name."""

    def get_parameters(self) -> dict[str, dict[str, Any]]:
        """Copies of the parameters: ``{"policy": policy.state_dict()}``, by Stable-Baselines3's names."""
        return {"policy": self.policy.state_dict()}

    def set_parameters(self, load_path_or_dict: Any, exact_match: bool = True, device: Any = "auto") -> None:
        """Set parameters by name.

        Args:
            load_path_or_dict: A dict as `get_parameters` returns it, here or in Stable-Baselines3, or with pgrad's
                names; or a file of an agent.
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
        unknown = given.keys() - {"policy", "policy.optimizer"}
        if unknown:
            raise InvalidArgumentError(f"the parameters have the keys {list(given)}; expected 'policy'")
        policy: Any = self.policy
        policy.load_state_dict(tensors, strict=exact_match)
