"""Policies with random parameters over random sequences, and comparisons with the same policies in NumPy float64."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

import pgrad
from tests.memory_oracle import MemoryOracle, tensors_of
from tests.oracle import Numbers

STEPS, ENVS, CHOICES = 6, 3, 3
CHOICE = pgrad.Categorical(CHOICES)
HYBRID = pgrad.Hybrid(CHOICE, pgrad.Gaussian(2))


class Sequences:
    """A policy, and sequences in which episodes start, from states other than 0; without a memory, single rows.

    Args:
        space: `CHOICE` or `HYBRID`.
        observation: Length of an observation, or its parts.
        hidden_sizes: Of the policy.
        masked: Whether some choices are forbidden.
        options: Of the policy.
    """

    def __init__(
        self,
        space: pgrad.ActionSpace,
        observation: Any,
        hidden_sizes: tuple[int, ...],
        *,
        masked: bool = True,
        **options: Any,
    ) -> None:
        draws = np.random.default_rng(3)
        self.policy = pgrad.Policy(observation, space, hidden_sizes, **options)
        self.policy.parameters = draws.normal(0, 0.6, self.policy.parameter_count)
        for tensor in self.policy.state_dict().values():
            if len(tensor) > 16:
                np.multiply(tensor, 2 / np.sqrt(len(tensor)), out=tensor)  # layers above a wide one do not saturate
        shape = (STEPS, ENVS) if self.policy.memory else (1, STEPS * ENVS)
        parts = self.policy.observation_parts or (pgrad.Vector(observation),)
        observations = np.concatenate([drawn(part, shape, draws) for part in parts], -1).astype(np.float32)
        masks = (draws.random((*shape, CHOICES)) < 0.6) | (not masked)
        masks[..., 0] |= ~masks.any(-1)
        starts = draws.random(shape) < 0.25
        starts[0, :3] = [True, False, False]
        starts[len(starts) // 3, 1] = True
        state = draws.uniform(-0.9, 0.9, (shape[1], self.policy.state_size)).astype(np.float32)
        weights = draws.normal(size=shape).astype(np.float32)
        self._rows = observations, state, starts, masks
        taken = ... if self.policy.memory else 0
        self.observations, self.weights = observations[taken], weights[taken]
        self.memory: dict[str, Any] = {"state": state, "episode_start": starts} if self.policy.memory else {}
        self.all: dict[str, Any] = self.memory | ({"masks": masks[taken]} if masked else {})
        self.actions = self.policy.sample(self.observations, **self.all)[0]

    def oracle(self, parameters: Numbers | None = None) -> MemoryOracle:
        numbers = self.policy.parameters if parameters is None else parameters
        return MemoryOracle(self.policy, tensors_of(self.policy, numbers), *self._rows)

    def sums(self, parameters: Numbers) -> Numbers:
        """The weighted sums of log-probabilities, entropies and values."""
        oracle = self.oracle(parameters)
        value = self.oracle(self._with_own_policy(parameters)).value if self.policy.shared_memory else oracle.value
        functions = oracle.log_prob(self.actions), oracle.entropy(), value
        return np.array([(self.weights * function).sum() for function in functions])

    def _with_own_policy(self, parameters: Numbers) -> Numbers:
        """Parameters with those of the policy replaced, which are constants for the value over a shared memory."""
        names = self.policy.state_dict().items()
        end = sum(tensor.size for name, tensor in names if not name.startswith("value."))
        return np.concatenate([self.policy.parameters[:end], parameters[end:]])

    def gradients(self) -> tuple[Any, Any, Any]:
        """The gradients of these sums, as the library computes them."""
        policy, rows, weights = self.policy, self.observations, self.weights
        return (
            policy.score_gradient(rows, self.actions, weights, **self.all),
            policy.entropy_gradient(rows, weights, **self.all),
            policy.value_gradient(rows, weights, **self.memory),
        )


def drawn(part: Any, shape: tuple[int, ...], draws: np.random.Generator) -> Any:
    """Observations of a part, (*shape, columns)."""
    size = (*shape, part.columns)
    if isinstance(part, pgrad.Choice):
        return draws.integers(part.n, size=size)
    if isinstance(part, pgrad.Image) and not isinstance(part, pgrad.FloatImage):
        return draws.integers(part.highest + 1, size=size)
    return draws.normal(size=size)


def close(ours: Any, expected: Numbers, tolerance: float) -> bool:
    return bool(np.linalg.norm(ours - expected) <= tolerance * np.linalg.norm(expected))


def compare_functions(given: Sequences) -> None:
    """Compare what a policy computes of sequences with the oracle."""
    policy, rows, oracle = given.policy, given.observations, given.oracle()
    assert close(policy.log_prob(rows, given.actions, **given.all), oracle.log_prob(given.actions), 1e-5)
    assert close(policy.entropy(rows, **given.all), oracle.entropy(), 1e-5)
    assert close(policy.value(rows, **given.memory), oracle.value, 1e-5)
    mode = policy.mode(rows, **given.all)
    if policy.memory:
        mode, state = mode
        assert close(state, oracle.state, 1e-5)
        assert close(policy.sample(rows, **given.all)[-1], oracle.state, 1e-5)
    columns = mode.reshape(*oracle.value.shape, -1)
    assert np.array_equal(columns[..., 0], oracle.log_probs.argmax(-1))
    assert np.allclose(columns[..., 1:], oracle.means, 1e-5, 1e-5)


def compare_gradients(given: Sequences, width: float) -> None:
    """Compare the gradients by each tensor with central differences of the oracle, along a random direction.

    Every number of the tensor takes part, so one wrong derivative changes the result.
    """
    numbers, draws = given.policy.parameters.astype(np.float64), np.random.default_rng(4)
    gradients = given.gradients()
    assert all(np.linalg.norm(gradient) > 0.1 for gradient in gradients)
    named = [tensors_of(given.policy, gradient) for gradient in gradients]
    for name, tensor in tensors_of(given.policy, numbers).items():
        start, direction, sums = tensor.copy(), draws.normal(size=tensor.shape), []
        for move in (width * direction, -width * direction):
            tensor[:] = start + move
            sums.append(given.sums(numbers))
        tensor[:] = start
        for gradient, own, slope in zip(gradients, named, (sums[0] - sums[1]) / (2 * width), strict=True):
            # The second term is for rounding: of sums near 10, 1e-15 / 1e-8 remains.
            tolerance = 1e-4 * np.linalg.norm(own[name]) + 1e-6 * np.linalg.norm(gradient)
            assert abs((own[name] * direction).sum() - slope) <= tolerance, name


def compare_fisher_product(given: Sequences) -> None:
    """Compare F v with Σ_a π(a) ∇log π(a) (∇log π(a) · v), summed over choices, of the first step from given states."""
    policy, x = given.policy, given.observations.reshape(-1, ENVS, given.policy.observation_size)[0]
    state = given.memory.get("state")
    vector = np.random.default_rng(8).normal(size=policy.parameter_count).astype(np.float32)
    expected = np.zeros(policy.parameter_count)
    for row, choice in product(range(ENVS), range(CHOICES)):
        one = {} if state is None else {"state": state[row]}
        probability = np.exp(policy.log_prob(x[row], [choice], **one))
        score = policy.score_gradient(x[row], [choice], 1.0, **one).astype(np.float64)
        expected += probability / ENVS * score * (score @ vector)
    assert close(policy.fisher_vector(x, vector, state=state), expected, 1e-4)
