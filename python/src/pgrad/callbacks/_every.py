"""Callbacks that run at intervals of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._typing import override
from pgrad._validation import whole
from pgrad.callbacks._callback import Callback, CallbackLike, as_callback, is_stop

if TYPE_CHECKING:
    from pgrad.agents import Agent


class Interval:
    """Tells after which updates a multiple of a number of steps was reached or passed.

    Args:
        name: What the argument is called.
        steps: The number of steps, at least 1.
    """

    def __init__(self, name: str, steps: float) -> None:
        self.steps = whole(name, steps)
        self._multiples = 0

    def start(self, steps: int) -> None:
        """Count from here."""
        self._multiples = steps // self.steps

    def is_reached(self, steps: int) -> bool:
        """Whether a further multiple lies between the steps of the last call and these.

        Args:
            steps: All steps so far.
        """
        before, self._multiples = self._multiples, steps // self.steps
        return self._multiples > before


def steps_of_each(agent: Agent) -> int:
    """Steps that each of the agent's environments has made."""
    return agent.num_timesteps // agent.n_envs


class EveryNTimesteps(Callback):
    """Calls another callback after the first update at which a further multiple of ``n_steps`` timesteps was made.

    Args:
        n_steps: Timesteps, summed over environments, at least 1.
        callback: Its ``on_update`` is called, or the function itself.

    Example:
        >>> steps = []
        >>> every = pgrad.callbacks.EveryNTimesteps(100, lambda agent: steps.append(agent.num_timesteps))
        >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=64).learn(256, callback=every)
        >>> steps
        [128, 256]
    """

    def __init__(self, n_steps: float, callback: CallbackLike) -> None:
        self.callback = as_callback(callback, self)
        self._interval = Interval("n_steps", n_steps)

    @override
    def on_training_start(self, agent: Agent) -> None:
        self._interval.start(agent.num_timesteps)
        self.callback.on_training_start(agent)

    @override
    def on_update(self, agent: Agent) -> bool:
        return not self._interval.is_reached(agent.num_timesteps) or not is_stop(self.callback.on_update(agent))

    @override
    def on_training_end(self, agent: Agent) -> None:
        self.callback.on_training_end(agent)
