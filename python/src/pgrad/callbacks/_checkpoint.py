"""A callback that saves the agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._typing import override
from pgrad._validation import path_of
from pgrad.callbacks._callback import Callback
from pgrad.callbacks._every import Interval, steps_of_each

if TYPE_CHECKING:
    import os

    from pgrad.agents import Agent


class CheckpointCallback(Callback):
    """Saves the agent every ``save_freq`` steps of each environment.

    It is saved after the first update at which a further multiple of ``save_freq`` was reached, in a file such as
    ``checkpoints/rl_model_10240_steps.safetensors``; the number counts the steps of all environments. `load` reads it.

    Args:
        save_freq: Steps of each environment, at least 1, as in Stable-Baselines3: with 8 environments, 1000 saves
            every 8000 timesteps.
        save_path: Folder, which is created if necessary.
        name_prefix: How the names of the files begin.
        verbose: 1 prints the name of every file.

    Example:
        >>> import os
        >>> saving = pgrad.callbacks.CheckpointCallback(64, "checkpoints")
        >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=64).learn(128, callback=saving)
        >>> sorted(os.listdir("checkpoints"))
        ['rl_model_128_steps.safetensors', 'rl_model_64_steps.safetensors']
    """

    def __init__(
        self, save_freq: float, save_path: str | os.PathLike[str], name_prefix: str = "rl_model", verbose: int = 0
    ) -> None:
        self.save_path = path_of("save_path", save_path)
        self.name_prefix = name_prefix
        self.verbose = verbose
        self._interval = Interval("save_freq", save_freq)

    @override
    def on_training_start(self, agent: Agent) -> None:
        self.save_path.mkdir(parents=True, exist_ok=True)
        self._interval.start(steps_of_each(agent))

    @override
    def on_update(self, agent: Agent) -> bool:
        if self._interval.is_reached(steps_of_each(agent)):
            self._save(agent)
        return True

    def _save(self, agent: Agent) -> None:
        """Write the files of a checkpoint."""
        file = self.save_path / f"{self.name_prefix}_{agent.num_timesteps}_steps{agent._suffix}"
        agent.save(file)
        if self.verbose:
            print(f"Saved {file}")
