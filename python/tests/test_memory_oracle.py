"""Policies with a memory against the same policies in NumPy float64."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import pgrad
from tests.memory_oracle import MemoryOracle
from tests.oracle import Numbers

STEPS, ENVS, SIZE, CHOICES = 6, 3, 2, 3
HYBRID = pgrad.Hybrid(pgrad.Categorical(CHOICES), pgrad.Gaussian(2))
VALUES: dict[str, dict[str, Any]] = {
    "own value memory": {},
    "no value memory": {"value_memory": False, "value_hidden_sizes": (4,)},
    "shared trunk": {"shared_trunk": True},
    "shared memory": {"value_memory": False, "shared_memory": True, "value_hidden_sizes": (4,)},
    "memory first": {"memory_first": True, "value_hidden_sizes": (4, 3)},
    "memory first, for the policy": {"memory_first": True, "value_memory": False},
    "memory first, shared trunk": {"memory_first": True, "shared_trunk": True},
    "memory first, shared memory": {"memory_first": True, "value_memory": False, "shared_memory": True},
}
FORMS = list(product(("gru", "lstm"), VALUES, (1, 2), ((3,), ())))


class Sequences:
    """A policy, and sequences in which episodes start, from states other than 0."""

    def __init__(
        self, space: pgrad.ActionSpace, memory: str, value: str, layers: int, hidden_sizes: tuple[int, ...]
    ) -> None:
        draws = np.random.default_rng(3)
        options: dict[str, Any] = {"memory": memory, "memory_size": 3, "memory_layers": layers} | VALUES[value]
        self.policy = pgrad.Policy(SIZE, space, hidden_sizes, **options)
        self.policy.parameters = draws.normal(0, 0.6, self.policy.parameter_count)
        self.observations = draws.normal(size=(STEPS, ENVS, SIZE)).astype(np.float32)
        self.masks = draws.random((STEPS, ENVS, CHOICES)) < 0.6
        self.masks[..., 0] |= ~self.masks.any(-1)
        self.starts = draws.random((STEPS, ENVS)) < 0.25
        self.starts[0] = [True, False, False]
        self.starts[2, 1] = True
        self.state = draws.uniform(-0.9, 0.9, (ENVS, self.policy.state_size)).astype(np.float32)
        self.weights = draws.normal(size=(STEPS, ENVS)).astype(np.float32)
        self.memory: dict[str, Any] = {"state": self.state, "episode_start": self.starts}
        self.all: dict[str, Any] = {"masks": self.masks, **self.memory}
        self.actions = self.policy.sample(self.observations, **self.all)[0]

    def oracle(self, parameters: Numbers | None = None) -> MemoryOracle:
        numbers = self.policy.parameters if parameters is None else parameters
        return MemoryOracle(self.policy, self._tensors(numbers), self.observations, self.state, self.starts, self.masks)

    def with_policy_of(self, fixed: Numbers, parameters: Numbers) -> Numbers:
        """Parameters with those of the policy replaced, which are constants for the value over a shared memory."""
        names = self.policy.state_dict().items()
        end = sum(tensor.size for name, tensor in names if not name.startswith("value."))
        return np.concatenate([fixed[:end], parameters[end:]])

    def _tensors(self, parameters: Any) -> dict[str, Numbers]:
        place, tensors = 0, {}
        for name, tensor in self.policy.state_dict().items():
            tensors[name] = np.asarray(parameters[place : place + tensor.size], np.float64).reshape(tensor.shape)
            place += tensor.size
        assert place == self.policy.parameter_count
        return tensors


def close(ours: Any, expected: Numbers, tolerance: float) -> bool:
    return bool(np.linalg.norm(ours - expected) <= tolerance * np.linalg.norm(expected))


@pytest.mark.parametrize(("memory", "value", "layers", "hidden"), FORMS)
@pytest.mark.parametrize("space", [pgrad.Categorical(CHOICES), HYBRID], ids=["choice", "hybrid"])
def test_functions_of_sequences_are_those_of_numpy(
    space: pgrad.ActionSpace, memory: str, value: str, layers: int, hidden: tuple[int, ...]
) -> None:
    given = Sequences(space, memory, value, layers, hidden)
    policy, oracle = given.policy, given.oracle()
    assert close(policy.log_prob(given.observations, given.actions, **given.all), oracle.log_prob(given.actions), 1e-5)
    assert close(policy.entropy(given.observations, **given.all), oracle.entropy(), 1e-5)
    assert close(policy.value(given.observations, **given.memory), oracle.value, 1e-5)
    assert close(policy.sample(given.observations, **given.all)[-1], oracle.state, 1e-5)
    mode, state = policy.mode(given.observations, **given.all)
    mode = mode.reshape(STEPS, ENVS, -1)
    assert np.array_equal(mode[..., 0], oracle.log_probs.argmax(-1))
    assert np.allclose(mode[..., 1:], oracle.means, 1e-5, 1e-5)
    assert close(state, oracle.state, 1e-5)


@pytest.mark.parametrize(("memory", "value", "layers", "hidden"), FORMS)
def test_gradients_are_those_of_central_differences_in_numpy(
    memory: str, value: str, layers: int, hidden: tuple[int, ...]
) -> None:
    given = Sequences(HYBRID, memory, value, layers, hidden)
    policy, parameters = given.policy, given.policy.parameters.astype(np.float64)

    def sums(numbers: Numbers) -> Numbers:
        oracle = given.oracle(numbers)
        value = given.oracle(given.with_policy_of(parameters, numbers)).value if policy.shared_memory else oracle.value
        functions = oracle.log_prob(given.actions), oracle.entropy(), value
        return np.array([(given.weights * function).sum() for function in functions])

    # Along random directions. Every parameter takes part in each, so one wrong derivative changes all of the numbers.
    directions = np.random.default_rng(4).normal(size=(16, policy.parameter_count))
    width = 1e-5  # rounding 1e-16 / 1e-5, and the third derivative times 1e-10: both are far below 1e-4
    moves = width * directions
    expected = np.stack([(sums(parameters + move) - sums(parameters - move)) / (2 * width) for move in moves], 1)
    ours = (
        policy.score_gradient(given.observations, given.actions, given.weights, **given.all),
        policy.entropy_gradient(given.observations, given.weights, **given.all),
        policy.value_gradient(given.observations, given.weights, **given.memory),
    )
    for gradient, numbers in zip(ours, expected, strict=True):
        assert np.linalg.norm(numbers) > 0.1
        assert close(directions @ gradient, numbers, 1e-4)


@pytest.mark.parametrize(("memory", "value", "layers", "hidden"), FORMS)
def test_a_fisher_product_averages_products_of_scores(
    memory: str, value: str, layers: int, hidden: tuple[int, ...]
) -> None:
    # With one step from a given state, F v = Σ_a π(a) ∇log π(a) (∇log π(a) · v), summed over the choices.
    given = Sequences(pgrad.Categorical(CHOICES), memory, value, layers, hidden)
    policy, x, state = given.policy, given.observations[0], given.state
    vector = np.random.default_rng(8).normal(size=policy.parameter_count).astype(np.float32)
    expected = np.zeros(policy.parameter_count)
    for row, choice in product(range(ENVS), range(CHOICES)):
        one = {"state": state[row]}
        probability = np.exp(policy.log_prob(x[row], [choice], **one))
        score = policy.score_gradient(x[row], [choice], 1.0, **one).astype(np.float64)
        expected += probability / ENVS * score * (score @ vector)
    assert close(policy.fisher_vector(x, vector, state=state), expected, 1e-4)
