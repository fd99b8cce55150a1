"""The last lines: a step along the gradient raises J; the natural gradient does not depend on the parametrisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pgrad.verify.check import Check
from pgrad.verify.setting import Setting, relative_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pgrad.types import DoubleArray

SECTION = "The ascent"
_LENGTH = 0.01
"""Length of the step."""
_SINGULAR = 1e-9
"""Eigenvalues of F below this share of the largest are 0 up to rounding."""
_FISHER_PRECISION = 1e-4
_INVARIANT, _DIFFERENT = 1e-4, 0.1


def checks(settings: Mapping[str, Setting], estimate: DoubleArray, seed: int) -> list[Check]:
    """The lines.

    Args:
        settings: The step is taken in the chain; the garnet's network is reparametrised.
        estimate: An estimate of the gradient in the chain, by sampling.
        seed: Seed of the other parameters.
    """
    share = _share(settings["chain"], estimate)
    fisher = max(_fisher_error(setting, seed) for setting in settings.values())
    natural, plain = _reparametrized(settings["garnet"], seed)
    meaning = "change of log π by ψ compared with θ"
    return [
        Check(SECTION, "a step along an estimate raises J", share, "≥", 0.9, "gain relative to the predicted one"),
        Check(SECTION, "F v = E[∇log π (∇log πᵀ v)]", fisher, "≤", _FISHER_PRECISION, "error of the library's product"),
        Check(SECTION, "the natural gradient is invariant to θ = Bψ", natural, "≤", _INVARIANT, meaning),
        Check(SECTION, "the plain gradient is not", plain, "≥", _DIFFERENT, meaning),
    ]


def _share(setting: Setting, estimate: DoubleArray) -> float:
    """The gain in exact J of a step along an estimate g, relative to the predicted gain, ‖g‖ times the step length."""
    length = float(np.linalg.norm(estimate))
    ahead = setting.mdp.objective(setting.policy, setting.theta + _LENGTH * estimate / length)
    return (ahead - setting.mdp.objective(setting.policy)) / (_LENGTH * length)


def _fisher_error(setting: Setting, seed: int) -> float:
    """The error of the library's product of the Fisher matrix and a vector, averaged over all states equally."""
    vector = np.random.default_rng(seed).normal(size=setting.theta.size)
    found = setting.policy.fisher_vector(setting.mdp.observations, vector)
    weights = setting.probabilities * (setting.scores @ vector) / setting.mdp.state_count
    return relative_error(found.astype(np.float64), np.einsum("sa,sap->p", weights, setting.scores))


def _reparametrized(setting: Setting, seed: int) -> tuple[float, float]:
    """The relative difference between a step in ψ and a step in θ = B ψ, for the natural and the plain gradient."""
    count = setting.theta.size
    rng = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(rng.normal(size=(count, count)))
    b = rotation * np.exp(rng.uniform(-2, 2, count))

    values = setting.mdp.values(setting.policy)
    weights = (values.visitation[:, None] * setting.probabilities).reshape(-1)
    scores = setting.scores.reshape(-1, count)
    gradient = scores.T @ (weights * values.advantages.reshape(-1))
    fisher = scores.T @ (weights[:, None] * scores)

    def inverse(matrix: DoubleArray) -> DoubleArray:
        """The pseudoinverse: directions that do not change the policy stay 0."""
        return np.asarray(np.linalg.pinv(matrix, rcond=_SINGULAR, hermitian=True), np.float64)

    natural = scores @ inverse(fisher) @ gradient
    natural_by_psi = scores @ b @ inverse(b.T @ fisher @ b) @ b.T @ gradient
    plain, plain_by_psi = scores @ gradient, scores @ b @ b.T @ gradient
    lengths = np.linalg.norm(plain), np.linalg.norm(plain_by_psi)
    return relative_error(natural_by_psi, natural), relative_error(plain_by_psi / lengths[1], plain / lengths[0])
