"""Writes a policy as an ONNX model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import text
from pgrad._enumerations import PartKind
from pgrad.export._layers import Recurrent
from pgrad.export._onnx_graph import Graph
from pgrad.export._onnx_layers import dense, features, recurrent
from pgrad.export._onnx_outputs import group_results

if TYPE_CHECKING:
    from pgrad.export._plan import Plan
    from pgrad.policy import Policy

_INT64, _INT8 = 7, 3
"""onnx.TensorProto.INT64 and .INT8."""


def onnx_model(policy: Policy, plan: Plan) -> Any:
    """The model of a policy; `Policy.export` describes its inputs and outputs."""
    graph = Graph()
    observation = graph.input("observation", np.float32, (plan.observation_size,), "Raw observations, one per row.")
    mask = None
    if plan.mask_size:
        everything = np.ones((1, plan.mask_size))
        mask = graph.input(
            "mask", np.bool_, (plan.mask_size,), "Which choices are allowed; all by default.", everything
        )
    state = None
    if plan.state_size:
        state = _state(graph, plan)
    value = features(graph, plan.readers, observation)
    states = []
    for layer in plan.layers:
        if isinstance(layer, Recurrent):
            value, after = recurrent(graph, layer, value, str(state))
            states.append(after)
        else:
            value = dense(graph, layer, value)
    results = group_results(graph, plan, value, dense(graph, plan.head, value), mask)
    actions = [result.action for result in results]
    action = actions[0] if len(actions) == 1 else graph.op("Concat", *actions, axis=1)
    _add_action(graph, policy, plan, action)
    for index, (group, result) in enumerate(zip(plan.groups, results, strict=True)):
        for name, numbers in result.numbers.items():
            suffix = f"_{index}" if len(results) > 1 else ""
            about = f"Of the {group.kind.name.lower().replace('_', ' ')} distribution, part {index}."
            graph.output(name + suffix, numbers, np.float32, (group.size,), about)
    if states:
        after = states[0] if len(states) == 1 else graph.op("Concat", *states, axis=1)
        graph.output("next_state", after, np.float32, (plan.state_size,), "The state for the next step.")
    properties = {
        "pgrad.observation_parts": repr(policy.observation_parts),
        "pgrad.action_space": repr(policy.action_space),
        "pgrad.memory": repr(policy.memory),
    }
    return graph.model(
        text("pgrad_version"), f"The deterministic action and the distribution of {policy!r}", properties
    )


def _state(graph: Graph, plan: Plan) -> str:
    """The state before the step: zero where an episode starts."""
    state = graph.input("state", np.float32, (plan.state_size,), "The next_state of the previous step; zeros at first.")
    about = "Whether an episode starts, so that the state is set to 0; False by default."
    starts = graph.input("episode_start", np.bool_, (), about, [False])
    return graph.op("Where", graph.op("Unsqueeze", starts, graph.integers(1)), graph.constant(0), state)


def _add_action(graph: Graph, policy: Policy, plan: Plan, action: str) -> None:
    kinds = {group.kind for group in plan.groups}
    dtype = policy.action_space.dtype
    if kinds == {PartKind.CATEGORICAL}:
        action = graph.op("Cast", action, to=_INT64)
    elif kinds == {PartKind.BERNOULLI}:
        action = graph.op("Cast", action, to=_INT8)
    shape = policy.action_space.shape
    if not shape:
        action = graph.op("Squeeze", action, graph.integers(1))
    graph.output("action", action, dtype, shape, "The most probable action; of Gaussian columns the mean.")
