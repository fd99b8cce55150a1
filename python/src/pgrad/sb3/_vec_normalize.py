"""``VecNormalize`` of Stable-Baselines3."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorWrapper
from gymnasium.wrappers.utils import RunningMeanStd

from pgrad._typing import override
from pgrad._validation import real, switch
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._vec_env import VecEnv

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from typing_extensions import Self

    from pgrad.types import Array

    GenericWrapper = VectorWrapper[Any, Any, Any]
else:
    GenericWrapper = VectorWrapper  # has no parameters before Gymnasium 1.4

_WHOLE = ""
"""The key of observations that are no dict."""


class VecNormalize(VecEnv):
    """Normalises observations and rewards by running moments, as in Stable-Baselines3.

    Observations become (o - mean) / √(variance + ε), rewards r / √(variance of the discounted return + ε), both
    clipped. The moments are those of all steps so far; they start with mean 0, variance 1 and a count of 10⁻⁴ (Chan et
    al. 1979). The arguments ``normalize_observations`` and ``normalize_rewards`` of `pgrad.PPO` keep the moments in the
    policy's file instead.

    Args:
        venv: The environments.
        training: Whether steps update the moments. Set it to False to evaluate.
        norm_obs: Whether to normalise observations.
        norm_reward: Whether to normalise rewards. Set it to False to evaluate.
        clip_obs: Largest absolute value of a normalised observation.
        clip_reward: Largest absolute value of a normalised reward.
        gamma: Discount of the return.
        epsilon: ε.
        norm_obs_keys: For Dict observations: which members to normalise; None for all, which are then Boxes.

    Attributes:
        training: The argument; can be assigned, as can ``norm_reward``.
        ret_rms: The moments of the return, with ``mean``, ``var`` and ``count``.

    Example:
        >>> from pgrad.sb3 import PPO, VecNormalize, make_vec_env
        >>> env = VecNormalize(make_vec_env("Pendulum-v1", n_envs=2), gamma=0.9)
        >>> model = PPO("MlpPolicy", env, n_steps=32, gamma=0.9).learn(64)
        >>> env.training, env.norm_reward = False, False
        >>> env.reset().shape
        (2, 3)
    """

    def __init__(
        self,
        venv: VecEnv,
        training: bool = True,
        norm_obs: bool = True,
        norm_reward: bool = True,
        clip_obs: float = 10.0,
        clip_reward: float = 10.0,
        gamma: float = 0.99,
        epsilon: float = 1e-8,
        norm_obs_keys: Sequence[str] | None = None,
    ) -> None:
        if not isinstance(venv, VecEnv):
            raise InvalidArgumentError(f"venv is {venv!r}; expected a VecEnv, such as make_vec_env makes")
        self.training, self.norm_obs = switch("training", training), switch("norm_obs", norm_obs)
        self.norm_reward = switch("norm_reward", norm_reward)
        self.clip_obs, self.clip_reward = real("clip_obs", clip_obs), real("clip_reward", clip_reward)
        self.gamma, self.epsilon = real("gamma", gamma), real("epsilon", epsilon)
        boxes = _normalized_boxes(venv.observation_space, norm_obs_keys) if norm_obs else {}
        self._moments = {key: RunningMeanStd(shape=box.shape) for key, box in boxes.items()}  # type: ignore[no-untyped-call]
        self.ret_rms = RunningMeanStd(shape=())  # type: ignore[no-untyped-call]
        self._original: tuple[Any, Array] = {}, np.zeros(venv.num_envs)
        super().__init__(_Normalizing(venv, self, boxes))
        self._seed, self._monitors = venv._seed, venv._monitors

    @property
    def obs_rms(self) -> Any:
        """The moments of observations, or a dict of those of the members of a Dict."""
        return self._moments.get(_WHOLE, self._moments)

    def normalize_obs(self, obs: Any) -> Any:
        """Normalise an observation or a batch by the moments so far.

        Args:
            obs: What the environment gives.
        """
        return self._by_part(
            obs, lambda value, one: (value - one.mean) / np.sqrt(one.var + self.epsilon), self.clip_obs
        )

    def unnormalize_obs(self, obs: Any) -> Any:
        """The inverse of `normalize_obs`, without the clipping.

        Args:
            obs: Normalised observations.
        """
        return self._by_part(obs, lambda value, one: value * np.sqrt(one.var + self.epsilon) + one.mean, np.inf)

    def normalize_reward(self, reward: Any) -> Any:
        """Normalise rewards by the moments so far; without ``norm_reward`` they stay as they are.

        Args:
            reward: Rewards.
        """
        if not self.norm_reward:
            return reward
        scaled = reward / np.sqrt(self.ret_rms.var + self.epsilon)
        return np.clip(scaled, -self.clip_reward, self.clip_reward)

    def get_original_obs(self) -> Any:
        """The observations of the latest step as the environments gave them."""
        return self._original[0]

    def get_original_reward(self) -> Array:
        """The rewards of the latest step as the environments gave them."""
        return self._original[1].copy()

    def save(self, save_path: str | os.PathLike[str] | IO[bytes]) -> None:
        """Write the moments to a file of NumPy.

        Args:
            save_path: A path, or a file that was opened for writing bytes.
        """
        arrays: dict[str, Any] = {}
        for key, one in {"return": self.ret_rms, **{f"obs{key}": one for key, one in self._moments.items()}}.items():
            arrays |= {f"{key}/mean": one.mean, f"{key}/var": one.var, f"{key}/count": one.count}
        if hasattr(save_path, "write"):
            np.savez(save_path, **arrays)
            return
        with Path(save_path).open("wb") as file:  # NumPy adds ".npz" to other names
            np.savez(file, **arrays)

    @classmethod
    def load(cls, load_path: str | os.PathLike[str] | IO[bytes], venv: VecEnv, **options: Any) -> Self:
        """Make one for the environments, with the moments of a file.

        Args:
            load_path: A file that `save` wrote.
            venv: The environments.
            options: Arguments of the constructor.
        """
        made = cls(venv, **options)
        with np.load(load_path) as arrays:
            for key, one in {"return": made.ret_rms, **{f"obs{k}": one for k, one in made._moments.items()}}.items():
                if f"{key}/mean" not in arrays or arrays[f"{key}/mean"].shape != np.shape(one.mean):
                    raise InvalidArgumentError(
                        f"load_path is {load_path!r}, which has no moments for these environments"
                    )
                one.mean, one.var = arrays[f"{key}/mean"], arrays[f"{key}/var"]
                one.count = float(arrays[f"{key}/count"])
        return made

    def _by_part(self, obs: Any, convert: Callable[[Any, RunningMeanStd], Any], limit: float) -> Any:
        if not self._moments:
            return obs
        if _WHOLE in self._moments:
            return np.clip(convert(obs, self._moments[_WHOLE]), -limit, limit).astype(np.float32)
        changed = {
            key: np.clip(convert(obs[key], one), -limit, limit).astype(np.float32) for key, one in self._moments.items()
        }
        return {**obs, **changed}

    def _observe(self, obs: Any) -> None:
        for key, one in self._moments.items():
            one.update(obs if key == _WHOLE else obs[key])  # type: ignore[no-untyped-call]


class _Normalizing(GenericWrapper):
    """The environments that agents step."""

    def __init__(self, venv: VecEnv, owner: VecNormalize, boxes: dict[str, spaces.Box]) -> None:
        super().__init__(venv.venv)
        from gymnasium.vector.utils import batch_space

        self._owner, self._discounted = owner, np.zeros(venv.num_envs)
        limit = owner.clip_obs
        changed = {key: spaces.Box(-limit, limit, box.shape, np.float32) for key, box in boxes.items()}
        if boxes:
            single = venv.observation_space
            single = changed[_WHOLE] if _WHOLE in boxes else spaces.Dict({**single.spaces, **changed})  # type: ignore[attr-defined]
            self.single_observation_space = single
            self.observation_space = batch_space(single, venv.num_envs)

    @override
    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        observations, infos = self.env.reset(seed=seed, options=options)
        self._discounted[:] = 0
        return self._seen(observations, np.zeros(self.num_envs)), infos

    @override
    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        owner = self._owner
        observations, rewards, terminated, truncated, infos = self.env.step(actions)
        following = self._seen(observations, np.asarray(rewards))
        if owner.training:
            self._discounted[:] = self._discounted * owner.gamma + rewards
            owner.ret_rms.update(self._discounted)  # type: ignore[no-untyped-call]
        ended = np.logical_or(terminated, truncated)
        self._discounted[ended] = 0
        if "final_obs" in infos:
            last = np.empty(self.num_envs, object)
            for index in np.flatnonzero(ended):
                last[index] = owner.normalize_obs(infos["final_obs"][index])
            infos = {**infos, "final_obs": last}
        return following, owner.normalize_reward(np.asarray(rewards)), terminated, truncated, infos

    def _seen(self, observations: Any, rewards: Array) -> Any:
        owner = self._owner
        owner._original = observations, rewards
        if owner.training:
            owner._observe(observations)
        return owner.normalize_obs(observations)


def _normalized_boxes(space: Any, keys: Sequence[str] | None) -> dict[str, spaces.Box]:
    """The boxes of a space that are normalised, by their keys."""
    if isinstance(space, spaces.Dict):
        chosen = {key: space.spaces.get(key) for key in (space.spaces if keys is None else keys)}
    elif keys is not None:
        raise InvalidArgumentError(f"norm_obs_keys is {keys!r}; expected None, because observations are no dict")
    else:
        chosen = {_WHOLE: space}
    for key, one in chosen.items():
        if not isinstance(one, spaces.Box):
            raise InvalidArgumentError(
                f"the observation space{f' of {key!r}' if key else ''} is {one}; expected a Box, or norm_obs=False, or "
                "norm_obs_keys with those that are Boxes"
            )
    return chosen  # type: ignore[return-value]
