"""The forward pass in operations of torch, for exports that trace it: `torch.onnx.export` and `torch.jit.trace`."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad.errors import InvalidArgumentError
from pgrad.observations import Vector
from pgrad.sb3._names import their_tensors
from pgrad.spaces import Bernoulli, Categorical, Gaussian, MultiCategorical

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgrad._envs.actions import ActionCodec
    from pgrad.sb3._policy import ActorCriticPolicy


def is_traced(obs: Any) -> bool:
    """Whether torch records the operations on a tensor."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(obs, torch.Tensor):
        return False
    return bool(torch.jit.is_tracing() or torch.compiler.is_compiling())


def traced_forward(
    policy: ActorCriticPolicy, obs: Any, codec: ActionCodec, deterministic: bool, action_masks: Any = None
) -> tuple[Any, Any, Any]:
    """Actions, values (n, 1) and log-probabilities (n,) of a policy with dense layers.

    Args:
        policy: The policy; its parameters become constants of what is recorded.
        obs: Observations, (n, ...).
        codec: The environment's actions.
        deterministic: Whether to take the most probable actions.
        action_masks: Only None.
    """
    torch = sys.modules["torch"]
    tensors = {name: torch.from_numpy(array) for name, array in their_tensors(policy).items()}
    is_vector = [*map(type, policy.observation_parts)] == [Vector] and obs[0].numel() == policy.observation_size
    draw = _DRAWS.get(type(policy.action_space))
    starts_at_0 = not np.any(getattr(codec, "_start", 0))
    if not (is_vector and draw and starts_at_0 and _is_dense(policy, tensors)) or action_masks is not None:
        raise InvalidArgumentError(
            "torch records the policy; expected one of dense layers that reads a Box, without squashing, gSDE and "
            "masks, and choices that start at 0: policy.export writes every policy as an ONNX file"
        )
    activation = getattr(torch.nn.functional, policy.activation)
    rows = obs.flatten(1).float()

    def layer(name: str, given: Any) -> Any:
        return torch.nn.functional.linear(given, tensors[f"{name}.weight"], tensors[f"{name}.bias"])

    def outputs(network: str, last: str) -> Any:
        given, place = rows, 0
        while f"mlp_extractor.{network}.{place}.weight" in tensors:
            given = activation(layer(f"mlp_extractor.{network}.{place}", given))
            place += 2
        return layer(last, given)

    numbers = outputs("policy_net", "action_net")
    actions, log_probs = draw(torch, policy.action_space, numbers, tensors.get("log_std"), deterministic)
    if actions.ndim > 1 and (shape := getattr(codec, "_shape", None)) is not None:
        actions = actions.reshape(-1, *shape)
    return actions, outputs("value_net", "value_net"), log_probs


def _is_dense(policy: ActorCriticPolicy, tensors: dict[str, Any]) -> bool:
    """Whether a policy has nothing but two networks of dense layers."""
    others = (
        *(policy.layer_norm, policy.shared_trunk, policy.state_dependent_std, policy.state_dependent_exploration),
        *(policy.rescale_actions, not policy.bias, policy.observation_moments is not None),
    )
    known = ("mlp_extractor", "action_net", "value_net", "log_std")
    return not any(others) and all(name.split(".")[0] in known for name in tensors)


def _gaussian(torch: Any, space: Gaussian, means: Any, log_std: Any, deterministic: bool) -> tuple[Any, Any]:
    noise = torch.zeros_like(means) if deterministic else torch.randn_like(means)
    each = -0.5 * noise**2 - log_std - 0.5 * math.log(2 * math.pi)
    return means + log_std.exp() * noise, each.sum(1)


def _categorical(torch: Any, space: Categorical, logits: Any, log_std: None, deterministic: bool) -> tuple[Any, Any]:
    log_probs = torch.log_softmax(logits, 1)
    choice = log_probs.argmax(1, keepdim=True) if deterministic else torch.multinomial(log_probs.exp(), 1)
    return choice[:, 0], log_probs.gather(1, choice)[:, 0]


def _choices(torch: Any, space: MultiCategorical, logits: Any, log_std: None, deterministic: bool) -> tuple[Any, Any]:
    parts = [
        _categorical(torch, Categorical(size), part, None, deterministic)
        for size, part in zip(space.sizes, logits.split(list(space.sizes), 1), strict=True)
    ]
    return torch.stack([choice for choice, _ in parts], 1), sum(log_prob for _, log_prob in parts)


def _bernoulli(torch: Any, space: Bernoulli, logits: Any, log_std: None, deterministic: bool) -> tuple[Any, Any]:
    flips = (logits > 0).float() if deterministic else torch.bernoulli(torch.sigmoid(logits))
    # log σ(l) = l - softplus(l), and log(1 - σ(l)) = -softplus(l)
    return flips, (flips * logits - torch.nn.functional.softplus(logits)).sum(1)


_DRAWS: dict[type, Callable[..., tuple[Any, Any]]] = {
    Gaussian: _gaussian,
    Categorical: _categorical,
    MultiCategorical: _choices,
    Bernoulli: _bernoulli,
}
