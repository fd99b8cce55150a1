"""Writes a policy as one C99 file and its header."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pgrad._bindings import text
from pgrad._enumerations import PartKind
from pgrad.export._c_layers import dense, features, recurrent
from pgrad.export._c_source import Source, Value
from pgrad.export._c_text import header_text, source_text
from pgrad.export._layers import Recurrent

if TYPE_CHECKING:
    from pathlib import Path

    from pgrad.export._outputs import ActionGroup
    from pgrad.export._plan import Plan
    from pgrad.policy import Policy


def c_files(policy: Policy, plan: Plan, path: Path, *, quantized: bool) -> dict[Path, bytes]:
    """The source and its header, whose functions start with the name of the file."""
    source = Source(quantized)
    value = features(source, plan.readers)
    for index, layer in enumerate(plan.layers):
        if isinstance(layer, Recurrent):
            value = recurrent(source, layer, f"memory_{index}", value)
        else:
            value = dense(source, layer, f"hidden_{index}", value)
    _act(source, plan, dense(source, plan.head, "last", value))
    name = re.sub(r"\W", "_", path.stem, flags=re.ASCII)
    name = f"policy_{name}" if name[:1].isdigit() else name
    header = path.with_suffix(".h")
    about = f"{policy!r}, written by pgrad {text('pgrad_version')}"
    return {
        path: source_text(name, header.name, plan, source, about).encode(),
        header: header_text(name, plan, source, about).encode(),
    }


def _act(source: Source, plan: Plan, outputs: Value) -> None:
    """Write the columns of the action."""
    place = 0
    for index, group in enumerate(plan.groups):
        last = f"{outputs.place} + {place}" if place else outputs.place
        target = f"action + {group.column}" if group.column else "action"
        mask = f"mask ? mask + {group.flag} : NULL" if group.flag else "mask"
        if group.kind is PartKind.CATEGORICAL:
            source.assign(f"action[{group.column}]", "most_probable", last, mask, group.size)
        elif group.kind is PartKind.BERNOULLI:
            source.call("most_probable_bits", last, mask, group.size, target)
        else:
            _act_continuously(source, plan, group, f"action_{index}", last, target)
        place += len(group.outputs)


def _act_continuously(source: Source, plan: Plan, group: ActionGroup, name: str, last: str, target: str) -> None:
    if group.kind is not PartKind.GAUSSIAN:
        low, width = source.numbers(f"{name}_low", group.low), source.numbers(f"{name}_range", group.high - group.low)
        source.call("beta_mode" if group.kind is PartKind.BETA else "squash", last, low, width, group.size, target)
        return
    source.call("copy", last, group.size, target)
    if group.scaling is not None:
        middle, half = group.scaling
        constants = source.numbers(f"{name}_middle", middle), source.numbers(f"{name}_half", half)
        source.call("rescale", *constants, group.size, target)
    bounds = plan.bounds(group)
    if bounds is not None:
        constants = source.numbers(f"{name}_low", bounds[0]), source.numbers(f"{name}_high", bounds[1])
        source.call("clip", *constants, group.size, target)
