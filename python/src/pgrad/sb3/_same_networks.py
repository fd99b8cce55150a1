"""Whether ``policy_kwargs`` describe the networks of an agent that exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad.errors import InvalidArgumentError
from pgrad.observations import FloatImage, Image
from pgrad.sb3._networks import networks
from pgrad.sb3._spaces import kind_of
from pgrad.sb3._torch_policies import translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pgrad.sb3._in_vec_env import InVecEnv


def check_same_networks(agent: InVecEnv, policy_kwargs: Mapping[str, Any], *, recurrent: bool) -> None:
    """Refuse ``policy_kwargs`` that make another policy than the agent's.

    Args:
        agent: The agent.
        policy_kwargs: Arguments of Stable-Baselines3's policies.
        recurrent: Whether they are those of an LSTM policy.
    """
    policy = agent.policy
    images = [part for part in policy.observation_parts if isinstance(part, Image)]
    use_sde = policy.state_dependent_exploration
    kind, spaces = kind_of(agent._observations), (agent.observation_space, agent.action_space)
    _, plain, features, _ = translated(None, policy_kwargs, *spaces)
    made = networks(kind, plain, images, recurrent=recurrent, use_sde=use_sde, features=features)
    own = {"float_images": any(isinstance(image, FloatImage) for image in images)}
    for name, value in (made.agent | made.policy).items():
        expected, found = _plain(value), _plain(own[name] if name in own else getattr(policy, name))
        if expected != found:
            raise InvalidArgumentError(
                f"policy_kwargs is {policy_kwargs!r}, which makes {name} {expected!r}; expected {found!r}, as in the "
                "file: leave policy_kwargs out"
            )


def _plain(value: Any) -> Any:
    """A sequence as a tuple; a number as the library stores it."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return tuple(value) if isinstance(value, list) else value
