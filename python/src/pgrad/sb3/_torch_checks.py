"""Checks of policy classes of torch: that what they do besides their networks is what their base does."""

from __future__ import annotations

import sys
from typing import Any

from pgrad.errors import InvalidArgumentError

_BUILDERS = {
    *("__init__", "_build", "_build_mlp_extractor", "make_features_extractor", "init_weights"),
    "_get_constructor_parameters",
}
"""Methods that say what a policy is made of; the others say what it computes."""


def check_overridden(policy: type[Any], base: type[Any]) -> None:
    """Refuse a class that computes something else than its base."""
    if "Recurrent" in base.__name__:
        raise InvalidArgumentError(
            f"policy is {policy!r}, derived from {base.__name__}; expected one of its names: policy_kwargs has "
            "lstm_hidden_size, net_arch and so on"
        )
    for kind in policy.__mro__[: policy.__mro__.index(base)]:
        for name in vars(kind).keys() - _BUILDERS:
            if not name.startswith("__") and callable(getattr(base, name, None)):
                raise InvalidArgumentError(
                    f"policy is {policy!r}, which overrides {name}; expected a class that only builds other networks, "
                    "in __init__ or _build_mlp_extractor: pgrad computes them itself"
                )


def check_distribution(made: Any, base: type[Any]) -> None:
    """Refuse a class that draws its actions from another distribution than its base."""
    module = sys.modules[base.__module__]
    if hasattr(module, "make_masked_proba_distribution"):
        expected = module.make_masked_proba_distribution(made.action_space)
    else:
        sde = {"use_sde": made.use_sde, "dist_kwargs": made.dist_kwargs}
        expected = module.make_proba_distribution(made.action_space, **sde)
    if type(made.action_dist) is not type(expected):
        raise InvalidArgumentError(
            f"policy.action_dist is a {type(made.action_dist).__name__}; expected a {type(expected).__name__}, that of "
            f"{base.__name__} for these actions: distributions of your own are not served"
        )


def check_optimizer(made: Any) -> None:
    """Refuse an optimizer that a class built in another way than from its arguments."""

    def facts(optimizer: Any) -> Any:
        groups = [{**group, "params": [*map(id, group["params"])]} for group in optimizer.param_groups]
        return type(optimizer), groups

    expected = made.optimizer_class(made.parameters(), lr=made.optimizer.defaults["lr"], **made.optimizer_kwargs)
    if facts(made.optimizer) != facts(expected):
        counts = [len(group["params"]) for group in made.optimizer.param_groups]
        raise InvalidArgumentError(
            f"policy.optimizer is {type(made.optimizer).__name__} with groups of {counts} tensors; expected "
            f"{type(expected).__name__} with one group of the policy's {len([*made.parameters()])} tensors, and with "
            "optimizer_kwargs"
        )
