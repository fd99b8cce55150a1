"""Modules of torch as chains of layers that the library has."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

ACTIVATIONS = ("tanh", "relu", "elu", "silu", "gelu")
_FLATTEN = "flatten"
_EXPECTED = (
    "expected a chain of Conv2d, Linear, Flatten and one activation (Tanh, ReLU, ELU, SiLU or GELU), which is what "
    "pgrad computes"
)


class Layer(NamedTuple):
    """A layer.

    Attributes:
        kind: "convolution", "dense", "flatten", or one of `ACTIVATIONS`.
        module: What has its weights; None where there are none.
    """

    kind: str
    module: Any = None


def chain_of(what: str, module: Any, method: str = "forward") -> list[Layer]:
    """The layers through which a module passes its input, one after another.

    Args:
        what: What error messages call it.
        module: The module.
        method: Its method that takes the input.

    Raises:
        InvalidArgumentError: It does something else, which is named.
    """
    from torch import fx

    described = f"{what} is a {type(module).__name__}"
    tracer = fx.Tracer()
    tracer.traced_func_name = method
    try:
        graph = tracer.trace(module)
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise InvalidArgumentError(
            f"{described}, whose {method} torch.fx cannot follow ({reason}); {_EXPECTED}"
        ) from error
    return [*_layers(described, module, graph)]


def _layers(described: str, module: Any, graph: Any) -> Iterator[Layer]:
    first, *nodes = graph.nodes
    before = first
    used: list[Any] = []
    for node in nodes:
        if node.op == "placeholder" or node.all_input_nodes != [before]:
            raise InvalidArgumentError(f"{described}, which has a branch at {node.name!r}; {_EXPECTED}")
        if node.op == "output":
            return
        layer = _module_layer(module.get_submodule(node.target)) if node.op == "call_module" else _function_layer(node)
        if layer is None:
            found = module.get_submodule(node.target) if node.op == "call_module" else node.target
            raise InvalidArgumentError(f"{described} with {found}; {_EXPECTED}")
        if layer.module is not None:
            _check_weights(described, layer.module, used)
            used.append(layer.module)
        yield layer
        before = node


def _module_layer(module: Any) -> Layer | None:
    nn = sys.modules["torch"].nn
    kind, name = type(module), type(module).__name__.lower()
    if kind is nn.Linear and module.bias is not None:
        return Layer("dense", module)
    if kind is nn.Conv2d and _is_plain(module):
        return Layer("convolution", module)
    if kind is nn.Flatten and (module.start_dim, module.end_dim) == (1, -1):
        return Layer(_FLATTEN)
    has_defaults = getattr(module, "alpha", 1) == 1 and getattr(module, "approximate", "none") == "none"
    if kind.__module__.startswith("torch.nn") and name in ACTIVATIONS and has_defaults:
        return Layer(name)
    return None


def _check_weights(described: str, module: Any, used: list[Any]) -> None:
    """Refuse a layer whose weights torch would train in another way, which its graph does not show."""
    found = None
    if any(module is one for one in used):
        found = "twice"
    elif not all(parameter.requires_grad for parameter in module.parameters()):
        found = "with requires_grad=False"
    elif module._forward_hooks or module._forward_pre_hooks:
        found = "with hooks"
    if found is not None:
        raise InvalidArgumentError(
            f"{described} with {module} {found}; expected layers that are all trained as they are"
        )


def _is_plain(convolution: Any) -> bool:
    """Whether a convolution has square kernels and strides, zeros around the image, and nothing that pgrad lacks."""
    sizes = (convolution.kernel_size, convolution.stride, convolution.padding)
    others = (convolution.dilation, convolution.groups, convolution.padding_mode)
    square = all(isinstance(size, tuple) and size[0] == size[1] for size in sizes)
    return square and others == ((1, 1), 1, "zeros") and convolution.bias is not None


def _function_layer(node: Any) -> Layer | None:
    """The layer of a function such as ``torch.relu``, or of a method of tensors such as ``relu``."""
    name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", "")
    others = (*node.args[1:], *node.kwargs.values())
    if name in ACTIVATIONS:
        return Layer(name) if not others or others == (False,) else None  # False: not in place
    return Layer(_FLATTEN) if name == _FLATTEN and others in ((1,), (1, -1)) else None
