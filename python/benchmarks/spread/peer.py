"""PPO of Stable-Baselines3, for which SuperSuit makes a vector environment of all agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import stable_baselines3
import supersuit
import torch
from stable_baselines3.common.utils import set_random_seed
from stable_baselines3.common.vec_env import VecEnvWrapper

from benchmarks.spread.setting import COPIES, HIDDEN_SIZES, OPTIONS, make

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.spread.evaluating import Acting


class _Truncated(VecEnvWrapper):  # type: ignore[misc]  # untyped where it is not installed
    """Marks the ends of episodes as truncations, which SuperSuit does not pass on; simple_spread has no others."""

    def reset(self) -> Any:
        return self.venv.reset()

    def step_wait(self) -> Any:
        observations, rewards, dones, infos = self.venv.step_wait()
        for done, info in zip(dones, infos, strict=True):
            info["TimeLimit.truncated"] = bool(done)
        return observations, rewards, dones, infos


def trained(seed: int, timesteps: int) -> tuple[str, Callable[[], int], Acting]:
    """The version, what trains and returns the number of timesteps, and what then acts."""
    torch.set_num_threads(1)
    rows = supersuit.pettingzoo_env_to_vec_env_v1(make())
    env = _Truncated(supersuit.concat_vec_envs_v1(rows, COPIES, num_cpus=1, base_class="stable_baselines3"))
    network = {"net_arch": list(HIDDEN_SIZES), "activation_fn": torch.nn.Tanh}
    set_random_seed(seed)  # the model's own seed would be passed to the environment, which refuses it
    model = stable_baselines3.PPO("MlpPolicy", env, device="cpu", policy_kwargs=network, **OPTIONS)
    return (
        stable_baselines3.__version__,
        lambda: model.learn(timesteps).num_timesteps,
        lambda observations: model.predict(observations, deterministic=True)[0],
    )
