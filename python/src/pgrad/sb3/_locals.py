"""What a callback can read of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._typing import override
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

_DERIVED: dict[str, Callable[[Any], Any]] = {
    "new_obs": lambda agent: agent._last_obs,
    "actions": lambda agent: agent._actions.batch(agent._adapter.actions),
    "clipped_actions": lambda agent: agent._actions.batch(agent._adapter.actions),
    "infos": lambda agent: agent._last_infos(),
}
"""Values of a step that are computed when they are read."""


class Locals(dict[str, Any]):
    """The arguments of `learn`, and of the latest step "rewards", "dones", "infos", "new_obs" and "actions".

    "rewards" and "dones" have the shape (num_envs,), "infos" is a list, and the others are arrays.

    Args:
        agent: The agent that learns.
    """

    def __init__(self, agent: Any) -> None:
        super().__init__(self=agent, env=agent.get_env(), n_rollout_steps=agent.n_steps, **agent._learn_arguments)

    def step(self) -> None:
        """Read the latest step of the agent's environments."""
        adapter = self["self"]._adapter
        if self["self"]._step_source is None:
            return
        for name in _DERIVED:
            self.pop(name, None)
        self.update(rewards=adapter.rewards.copy(), dones=np.logical_or(adapter.terminated, adapter.truncated))

    def __missing__(self, key: str) -> Any:
        if key not in self:
            names = ", ".join(map(repr, [*self, *_DERIVED]))
            raise InvalidArgumentError(f"locals[{key!r}] is not available; expected one of {names}")
        self[key] = value = _DERIVED[key](self["self"])
        return value

    @override
    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or (key in _DERIVED and super().__contains__("dones"))

    @override
    def get(self, key: str, default: Any = None) -> Any:
        is_known = key in self
        return self[key] if is_known else default
