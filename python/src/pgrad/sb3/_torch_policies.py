"""Policies and features extractors that users write as classes of torch, as arguments that pgrad has."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from pgrad.errors import InvalidArgumentError
from pgrad.sb3._networks import EXTRACTORS, reads_floats
from pgrad.sb3._options import name_of
from pgrad.sb3._torch_checks import check_distribution, check_optimizer, check_overridden
from pgrad.sb3._torch_extractors import NO_LAYERS, Features, features_of, their_space
from pgrad.sb3._torch_layers import chain_of
from pgrad.sb3._torch_networks import common_activation, dense_of, named_weights

_KEPT = ("ortho_init", "log_std_init", "normalize_images", "share_features_extractor", "features_extractor_class")
"""Attributes of a policy that are arguments too."""
_DEFAULT_OPTIMIZER = ("Adam", {"eps": 1e-5})


class Translation(NamedTuple):
    """What stands for classes of torch.

    Attributes:
        policy: The name of a policy.
        policy_kwargs: Arguments of Stable-Baselines3's own policies.
        features: What the networks read; None for what ``policy_kwargs`` say.
        tensors: Initial parameters by Stable-Baselines3's names; others are drawn.
    """

    policy: Any
    policy_kwargs: Any
    features: Features | None = None
    tensors: Mapping[str, Any] = {}


def translated(
    policy: Any, policy_kwargs: Any, space: Any, action_space: Any, *, use_sde: bool = False, seed: int | None = None
) -> Translation:
    """Translate a class of policies that is derived from Stable-Baselines3's, or a class of features extractors.

    They are created to see what they are made of, and training starts with their weights, unless
    Stable-Baselines3 replaces these by orthogonal ones.

    Args:
        policy: The argument; only derived classes are translated.
        policy_kwargs: The argument; translated if its features extractor is not one of Stable-Baselines3.
        space: The observation space.
        action_space: The action space.
        use_sde: Whether the policy explores with gSDE.
        seed: Seeds torch first, as Stable-Baselines3 does; None for torch's state.

    Raises:
        InvalidArgumentError: They are not made of layers that the library has.
    """
    torch = sys.modules.get("torch")
    given = dict(policy_kwargs) if isinstance(policy_kwargs, Mapping) else {}
    base, extractor = _base_of(policy), given.get("features_extractor_class")
    is_module = torch is not None and isinstance(extractor, type) and issubclass(extractor, torch.nn.Module)
    if torch is None or (base is None and (not is_module or name_of(extractor) in EXTRACTORS.values())):
        return Translation(policy, policy_kwargs)
    if space is None:
        what = f"policy is {policy!r}" if base is not None else f"policy_kwargs has {extractor!r}"
        raise InvalidArgumentError(
            f"{what}, which is created with the spaces of Gymnasium; expected an env that has them, not a native one"
        )
    if seed is not None:
        torch.manual_seed(seed)
    seen = their_space(space, floats=reads_floats(given))
    if base is None:
        return _of_extractor(policy, given, space, seen)
    check_overridden(policy, base)
    sde = {"use_sde": True} if use_sde else {}
    made = policy(seen, action_space, lambda _: 0.0, **sde, **given)
    check_distribution(made, base)
    return _of_policy(made, space, given)


def _of_extractor(policy: Any, given: dict[str, Any], space: Any, seen: Any) -> Translation:
    kind = given.pop("features_extractor_class")
    options = given.pop("features_extractor_kwargs", None) or {}
    made = [kind(seen, **options) for _ in range(1 if given.get("share_features_extractor", True) else 2)]
    features = features_of(made, space, floats=reads_floats(given))
    return Translation(policy, given, features, {} if given.get("ortho_init", True) else features.tensors)


def _of_policy(made: Any, space: Any, given: dict[str, Any]) -> Translation:
    arguments = {name: getattr(made, name) for name in _KEPT if hasattr(made, name)}  # a maskable one lacks some
    arguments |= getattr(made, "dist_kwargs", None) or {}
    arguments.pop("learn_features", None)
    if (name_of(made.optimizer_class), made.optimizer_kwargs) != _DEFAULT_OPTIMIZER or "optimizer_class" in given:
        arguments |= {"optimizer_class": made.optimizer_class, "optimizer_kwargs": made.optimizer_kwargs}
    features = Features(None, (NO_LAYERS, NO_LAYERS), {})
    name = "MultiInputPolicy"
    if name_of(made.features_extractor_class) == "CombinedExtractor":
        arguments["features_extractor_kwargs"] = made.features_extractor_kwargs
    else:
        del arguments["features_extractor_class"]
        shared = made.share_features_extractor
        extractors = [made.pi_features_extractor, *([] if shared else [made.vf_features_extractor])]
        features = features_of(extractors, space, floats=not made.normalize_images)
        name = "MlpPolicy" if features.encoder is None else "CnnPolicy"
    hidden = [
        dense_of("policy.mlp_extractor", chain_of("policy.mlp_extractor", made.mlp_extractor, f"forward_{network}"))
        for network in ("actor", "critic")
    ]
    modules = [module for one in (*features.below, *hidden) for module in one.modules]
    if len({*map(id, modules)}) < len(modules):
        raise InvalidArgumentError(
            "policy.mlp_extractor uses a layer twice; expected one for the policy and another for the value function: "
            "pgrad.PPO(…, policy_options={'shared_trunk': True}) shares all hidden layers"
        )
    tensors = {**features.tensors, **_outputs(made)}
    check_optimizer(made)
    for network, below, above in zip(("policy", "value"), features.below, hidden, strict=True):
        tensors |= named_weights(f"mlp_extractor.{network}_net", [*below.modules, *above.modules])
    arguments["net_arch"] = {network: one.sizes for network, one in zip(("pi", "vf"), hidden, strict=True)}
    arguments["activation_fn"] = common_activation(hidden, "tanh")
    return Translation(name, arguments, features, tensors)


def _outputs(made: Any) -> dict[str, Any]:
    """The tensors of the last layers, and of the standard deviations."""
    found = {"log_std": made.log_std} if hasattr(made, "log_std") else {}
    for name in ("action_net", "value_net"):
        layer = getattr(made, name)
        if type(layer).__name__ != "Linear" or layer.bias is None:
            raise InvalidArgumentError(
                f"policy.{name} is a {type(layer).__name__}; expected a Linear layer with a bias"
            )
        found |= {f"{name}.{kind}": getattr(layer, kind) for kind in ("weight", "bias")}
    for name, tensor in found.items():
        if not tensor.requires_grad:
            raise InvalidArgumentError(
                f"policy.{name} has requires_grad=False; expected parameters that are all trained"
            )
    return found


def _base_of(policy: Any) -> Any:
    """The class of Stable-Baselines3 or its Contrib from which a class is derived; None for others."""
    if not isinstance(policy, type) or _is_theirs(policy):
        return None
    return next((base for base in policy.__mro__ if _is_theirs(base)), None)


def _is_theirs(kind: type[Any]) -> bool:
    return kind.__module__.partition(".")[0] in ("stable_baselines3", "sb3_contrib")
