"""Distributions and actions as ONNX operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pgrad._enumerations import PartKind

if TYPE_CHECKING:
    from pgrad.export._onnx_graph import Graph
    from pgrad.export._outputs import ActionGroup
    from pgrad.export._plan import Plan


@dataclass(frozen=True)
class GroupResult:
    """Names of a group's results.

    Attributes:
        action: Its columns of the action, float32.
        numbers: The numbers of its distribution, by name.
    """

    action: str
    numbers: dict[str, str]


def group_results(graph: Graph, plan: Plan, hidden: str, last: str, mask: str | None) -> list[GroupResult]:
    """The results of each group.

    Args:
        graph: Receives the operations.
        plan: The policy.
        hidden: What the last layer reads.
        last: What it writes.
        mask: Flags of allowed choices.
    """
    results, output = [], 0
    for group in plan.groups:
        count = len(group.outputs)
        outputs = graph.columns(last, output, output + count)
        output += count
        if group.kind in (PartKind.CATEGORICAL, PartKind.BERNOULLI):
            flags = graph.columns(str(mask), group.flag, group.flag + group.flags)
            results.append(_discrete(graph, group, outputs, flags))
        elif group.kind is PartKind.BETA:
            results.append(_beta(graph, group, outputs))
        else:
            log_std = ""
            if group.log_std_outputs:
                log_std = graph.columns(last, output, output + len(group.log_std_outputs))
                output += len(group.log_std_outputs)
            results.append(_gaussian(graph, plan, group, outputs, _std(graph, group, hidden, log_std)))
    return results


def _discrete(graph: Graph, group: ActionGroup, logits: str, flags: str) -> GroupResult:
    never = graph.constant(-np.inf)
    if group.kind is PartKind.CATEGORICAL:
        logits = graph.op("Where", flags, logits, never)
        action = graph.op("ArgMax", logits, axis=1)
    else:
        pairs = graph.op("Reshape", flags, graph.integers(-1, group.size, 2))
        allowed = [graph.op("Gather", pairs, graph.constant(bit, np.int64), axis=2) for bit in (0, 1)]
        never_0 = graph.op("Where", allowed[0], logits, graph.constant(np.inf))
        logits = graph.op("Where", allowed[1], never_0, never)
        action = graph.op("Greater", logits, graph.constant(0))
    return GroupResult(graph.op("Cast", action, to=_FLOAT), {"logits": logits})


def _beta(graph: Graph, group: ActionGroup, outputs: str) -> GroupResult:
    above_one = graph.op("Softplus", graph.op("Min", outputs, graph.constant(1e6)))
    halves = [graph.columns(above_one, first, first + group.size) for first in (0, group.size)]
    # The added numbers are lost in rounding, unless both shapes are 1.
    alpha, beta = (graph.op("Add", half, graph.constant(1e-30)) for half in halves)
    share = graph.op("Div", alpha, graph.op("Add", alpha, beta))
    one = graph.constant(1)
    shapes = {"alpha": graph.op("Add", one, halves[0]), "beta": graph.op("Add", one, halves[1])}
    return GroupResult(_in_range(graph, group, share), shapes)


def _gaussian(graph: Graph, plan: Plan, group: ActionGroup, outputs: str, std: str) -> GroupResult:
    mean = outputs
    if group.scaling is not None:
        middle, half = (graph.constant(values) for values in group.scaling)
        mean = graph.op("Add", middle, graph.op("Mul", half, mean))
    action, bounds = mean, plan.bounds(group)
    if group.kind is PartKind.SQUASHED_GAUSSIAN:
        share = graph.op("Sigmoid", graph.op("Mul", graph.constant(2), mean))
        action = _in_range(graph, group, share)
    elif bounds is not None:
        action = graph.op("Min", graph.op("Max", mean, graph.constant(bounds[0])), graph.constant(bounds[1]))
    zeros = graph.op("Mul", outputs, graph.constant(0))
    return GroupResult(action, {"mean": mean, "std": graph.op("Add", zeros, std)})


def _in_range(graph: Graph, group: ActionGroup, share: str) -> str:
    width = graph.constant(group.high - group.low)
    return graph.op("Add", graph.constant(group.low), graph.op("Mul", width, share))


def _std(graph: Graph, group: ActionGroup, hidden: str, log_std: str) -> str:
    if group.log_std is not None:
        return graph.constant(np.exp(group.log_std))
    if group.exploration is not None:
        squares = graph.op("Mul", hidden, hidden)
        variances = graph.op("Gemm", squares, graph.constant(group.exploration.variances), graph.constant(1e-6))
        half_log = graph.op("Mul", graph.constant(0.5), graph.op("Log", variances))
        log_std = graph.op("Add", half_log, graph.constant(group.exploration.bias))
    return graph.op("Exp", graph.op("Clip", log_std, graph.constant(-20), graph.constant(2)))


_FLOAT = 1
"""onnx.TensorProto.FLOAT."""
