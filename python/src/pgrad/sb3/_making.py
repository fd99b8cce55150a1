"""Environments that are made from an id."""

from __future__ import annotations

from typing import Any

from pgrad._envs.making import gymnasium_env, register_atari


def env_of_id(name: str, options: dict[str, Any] | None = None) -> Any:
    """A new environment, which can be rendered as a picture if it has the ``render_mode`` "rgb_array".

    Args:
        name: The id.
        options: Arguments of ``gymnasium.make``.
    """
    import gymnasium

    register_atari(name)
    given = dict(options or {})
    if _has_pictures(name):
        given.setdefault("render_mode", "rgb_array")
    return gymnasium.make(name, **given) if given else gymnasium_env(name)


def _has_pictures(name: str) -> bool:
    """Whether the class of an environment says that it can be rendered as a picture."""
    import gymnasium
    from gymnasium.envs.registration import load_env_creator

    try:
        made: Any = gymnasium.spec(name).entry_point
        made = load_env_creator(made) if isinstance(made, str) else made
    except (gymnasium.error.Error, ImportError, AttributeError, ValueError):
        return False  # gymnasium.make says why
    return "rgb_array" in getattr(made, "metadata", {}).get("render_modes", ())
