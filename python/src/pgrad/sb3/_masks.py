"""Masks as in Stable-Baselines3 Contrib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np

from pgrad._envs.masks import METHOD, mask_method
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._vec_env import VecEnv

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgrad.types import Array


class ActionMasker(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Gives an environment the method ``action_masks``.

    Args:
        env: The environment.
        action_mask_fn: A function of the environment that returns its mask, or the name of one of its methods.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], action_mask_fn: Callable[[Any], Any] | str) -> None:
        super().__init__(env)
        if isinstance(action_mask_fn, str):
            method = env.get_wrapper_attr(action_mask_fn)
            self._mask: Callable[[Any], Any] = lambda _: method()
        elif callable(action_mask_fn):
            self._mask = action_mask_fn
        else:
            raise InvalidArgumentError(
                f"action_mask_fn is {action_mask_fn!r}; expected a function of the environment, or a method's name"
            )

    def action_masks(self) -> Any:
        """The mask of the next action."""
        return self._mask(self.env)


def get_action_masks(env: Any) -> Array:
    """The masks of an environment, or of each environment of a `VecEnv`.

    Args:
        env: An environment with a method ``action_masks``.
    """
    if isinstance(env, VecEnv) or hasattr(env, "env_method"):
        return np.stack([np.asarray(mask) for mask in env.env_method(METHOD)])
    method = mask_method(env)
    if method is None:
        raise InvalidArgumentError(f"env is {env!r}; expected one with a method {METHOD}(), see ActionMasker")
    return np.asarray(method())


def is_masking_supported(env: Any) -> bool:
    """Whether an environment has a method ``action_masks``.

    Args:
        env: An environment or a `VecEnv`.
    """
    if isinstance(env, VecEnv):
        from pgrad._envs.masks import mask_methods

        return mask_methods(repr(env), env.venv) is not None
    return mask_method(env) is not None
