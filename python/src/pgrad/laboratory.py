"""Every estimator of the policy gradient on the same trajectories."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pgrad._attributes import FixedAttributes
from pgrad._bindings import address, check, create, defaults, describe, library, point, reference
from pgrad._html import html_table
from pgrad._mdp_tables import layers
from pgrad._oracle_declarations import Critic, EstimateKind, EstimateRecord, LaboratoryConfig, LaboratoryInfo
from pgrad._validation import doubles, fill, wrong_shape
from pgrad.errors import InvalidArgumentError
from pgrad.mdp import MDP
from pgrad.policy import Policy, require_policy

if TYPE_CHECKING:
    import numpy.typing as npt

    from pgrad._handle import Handle
    from pgrad.types import ArrayLike, DoubleArray

_KIND, _CRITIC = "ESTIMATE_", "CRITIC_"
KINDS = tuple(kind.name.removeprefix(_KIND).lower() for kind in EstimateKind)
"""Kinds of estimators."""


class Curve(NamedTuple):
    """Convergence of a mean to the exact gradient as trajectories are added; each is an array over checkpoints.

    Attributes:
        trajectories: Number of trajectories in the mean.
        bias_norms: ‖mean - ∇J‖.
        standard_errors: √(total variance / trajectories), estimated from these trajectories.
        cosines: Between the mean and ∇J.
    """

    trajectories: npt.NDArray[np.int64]
    bias_norms: DoubleArray
    standard_errors: DoubleArray
    cosines: DoubleArray


@dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    """Measurements of an estimator g = Σ_t Ψ_t ∇log π(a_t|s_t), where G_t = Σ_{k≥t} γ^{k-t} r_k and R = G_0.

    Attributes:
        kind: Its weight Ψ_t: "whole_trajectory" R (Williams 1992), "reward_to_go" γ^t G_t, "reward_to_go_no_discount"
            G_t, biased where γ < 1 (Nota & Thomas 2020), "constant_baseline" R - J, "optimal_constant_baseline" R - b*
            (Greensmith et al. 2004), "value_baseline" γ^t (G_t - V(s_t)), "optimal_state_baseline" γ^t (G_t - b*(s_t)),
            "gae" γ^t A_t, biased where λ < 1 and V is wrong (Schulman et al. 2016), "leave_one_out" R minus the mean of
            the group's others (Kool et al. 2019), "group_normalized" (R - group's mean) / its standard deviation,
            biased (Shao et al. 2024), "group_centered" R - group's mean, too short by 1/group_size (Liu et al. 2025).
        critic: Where V comes from, "exact" or "wrong"; None where there is no V.
        gae_lambda: λ of GAE; None of others.
        is_unbiased: Whether, by theory, its expectation is ∇J in every MDP with this discount.
        mean: Over all trajectories, (parameter_count,).
        bias_norm: ‖mean - ∇J‖.
        standard_error: The bias norm that chance explains, √(total_variance / trajectories).
        z: The bias along ∇J in standard errors.
        p_value: Of the hypothesis that the bias is 0, by Hotelling's T² over groups; uniform on [0, 1] for an unbiased
            estimator.
        total_variance: Trace of the covariance of one trajectory's gradient. For estimators that compare trajectories:
            of a group's mean gradient, times group_size.
        signal_to_noise: ‖E g‖² / total_variance; with n trajectories it is n times as large.
        cosine: Between the mean and ∇J.
        curve: How the mean converges to ∇J.
    """

    kind: str
    critic: str | None
    gae_lambda: float | None
    is_unbiased: bool
    mean: DoubleArray
    bias_norm: float
    standard_error: float
    z: float
    p_value: float
    total_variance: float
    signal_to_noise: float
    cosine: float
    curve: Curve

    @property
    def name(self) -> str:
        """Kind, λ and critic in one text."""
        if self.gae_lambda is None:
            return self.kind.replace("_", " ")
        return f"GAE({self.gae_lambda:g}), {self.critic} critic"

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name}={getattr(self, name):.4g}" for name in _NUMBERS)
        return f"Estimate({self.name!r}, is_unbiased={self.is_unbiased}, {numbers})"

    def _repr_html_(self) -> str:
        """What a notebook shows: a table of names and numbers."""
        rows = [("unbiased in theory", self.is_unbiased), *((name, getattr(self, name)) for name in _NUMBERS)]
        return html_table(rows, caption=f"Estimate: {self.name}")


_NUMBERS = ("bias_norm", "standard_error", "z", "p_value", "total_variance", "signal_to_noise", "cosine")
"""The attributes of an estimate that are numbers."""


class Laboratory(FixedAttributes):
    """Samples trajectories of an MDP, runs every estimator on them, and compares each with the exact gradient.

    Trajectories end in terminal states and at the horizon. Without a horizon they are truncated at the first step t at
    which γ^t times the probability that an episode still continues is below 1e-9.

    Args:
        mdp: The MDP.
        policy: A policy that fits the MDP.
        trajectories: Their number; a multiple of group_size, at least 4 groups.
        group_size: Trajectories that share a baseline in RLOO and GRPO, 2 to 1024.
        seed: Seed of the trajectories.
        lambdas: λ of GAE, each tried with the exact critic and with a wrong one.
        wrong_values: V of the wrong critic, in the shape of ``mdp.values(policy).values``; None for 0, as before
            training.
        scores: ∇log π(a|s) to use, in the shape of ``mdp.scores(policy)``; None for the exact scores.
        checkpoints: Points of the curves, evenly spaced on a logarithmic scale.

    Attributes:
        exact_gradient: ∇J, (parameter_count,).
        estimates: Measurements of every estimator.

    Example:
        >>> bandit = pgrad.MDP.bandit()
        >>> policy = pgrad.Policy.for_env(bandit, hidden_sizes=(), seed=0)
        >>> laboratory = pgrad.Laboratory(bandit, policy, trajectories=8_000)
        >>> estimate = laboratory.find("leave_one_out")
        >>> estimate.is_unbiased, estimate.cosine > 0.99
        (True, True)
    """

    exact_gradient: DoubleArray
    estimates: tuple[Estimate, ...]

    def __init__(
        self,
        mdp: MDP,
        policy: Policy,
        trajectories: int = 10_000,
        *,
        group_size: int = 8,
        seed: int = 0,
        lambdas: ArrayLike = (0.0, 0.5, 0.9, 0.95, 1.0),
        wrong_values: ArrayLike | None = None,
        scores: ArrayLike | None = None,
        checkpoints: int = 10,
    ) -> None:
        if not isinstance(mdp, MDP):
            raise InvalidArgumentError(f"mdp is {mdp!r}; expected a pgrad.MDP")
        model, acting = mdp._handle, require_policy(policy)._handle
        config = defaults(LaboratoryConfig, "pgrad_laboratory_config_init")
        given = doubles("lambdas", lambdas)
        if given.ndim != 1:
            raise wrong_shape("lambdas", given.shape, "(n,)")
        arrays = {"lambdas": given}
        for name, table, shape in (
            ("wrong_values", wrong_values, (*layers(model.sizes), model.sizes.states)),
            ("scores", scores, (model.sizes.states, model.sizes.actions, acting.sizes.parameters)),
        ):
            if table is not None:
                arrays[name] = doubles(name, table)
                if arrays[name].shape != shape:
                    raise wrong_shape(name, arrays[name].shape, str(shape))
        fill(
            config,
            {
                "group_size": group_size,
                "trajectories": trajectories,
                "seed": seed,
                "lambda_count": len(given),
                "checkpoints": checkpoints,
            },
        )
        point(config, arrays)
        handle = create("laboratory", "create", model.value, acting.value, reference(config))
        info = describe(LaboratoryInfo, "pgrad_laboratory_describe", handle)
        self.exact_gradient = mdp.gradient(policy)
        self.estimates = tuple(_estimate(handle, info, index) for index in range(info.estimate_count))

    def __repr__(self) -> str:
        return f"Laboratory({len(self.estimates)} estimates, of the kinds {', '.join(KINDS)})"

    def _repr_html_(self) -> str:
        """What a notebook shows: one row for each estimate."""
        rows = [(e.name, e.is_unbiased, *(getattr(e, name) for name in _NUMBERS)) for e in self.estimates]
        return html_table(rows, ("estimator", "unbiased", *_NUMBERS), f"Laboratory: {len(rows)} estimates")

    def find(self, kind: str, gae_lambda: float | None = None, critic: str | None = None) -> Estimate:
        """The one estimate of a kind; λ and critic identify an estimate of GAE."""
        for estimate in self.estimates:
            if estimate.kind == kind and (
                kind != "gae" or (estimate.gae_lambda, estimate.critic) == (gae_lambda, critic)
            ):
                return estimate
        if kind == "gae":
            known = ", ".join(f"({e.gae_lambda:g}, {e.critic!r})" for e in self.estimates if e.kind == kind)
            raise InvalidArgumentError(f"gae_lambda and critic are {gae_lambda}, {critic!r}; expected one of {known}")
        raise InvalidArgumentError(f"kind is {kind!r}; expected one of {', '.join(KINDS)}")


def _estimate(handle: Handle, info: LaboratoryInfo, index: int) -> Estimate:
    record = describe(EstimateRecord, "pgrad_laboratory_estimate", handle, index)
    mean = np.empty(info.parameter_count)
    check(library.pgrad_laboratory_mean(handle.value, index, address(mean)))
    points = info.checkpoint_count
    curve = Curve(np.empty(points, np.int64), np.empty(points), np.empty(points), np.empty(points))
    check(library.pgrad_laboratory_curve(handle.value, index, *map(address, curve)))
    critic = Critic(record.critic)
    return Estimate(
        EstimateKind(record.kind).name.removeprefix(_KIND).lower(),
        None if critic is Critic.CRITIC_NONE else critic.name.removeprefix(_CRITIC).lower(),
        None if math.isnan(record.gae_lambda) else record.gae_lambda,
        bool(record.is_unbiased),
        mean,
        *(record.bias_norm, record.standard_error, record.z, record.p_value),
        *(record.total_variance, record.signal_to_noise, record.cosine),
        curve,
    )
