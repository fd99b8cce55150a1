"""Plots of the estimators' variance and bias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad.plotting import saved_figure

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from pgrad.laboratory import Estimate


def draw(estimates: Sequence[Estimate], path: str | os.PathLike[str]) -> None:
    """Draw the variance of every estimator, bias and variance over λ, and how errors fall with trajectories.

    Args:
        estimates: The estimates of a laboratory.
        path: The picture to write; its extension selects the format.

    Raises:
        ImportError: matplotlib is not installed.
    """
    with saved_figure(path, "the figure", (12, 4.5)) as figure:
        variances(figure.add_subplot(1, 3, 1), estimates)
        lambdas(figure.add_subplot(1, 3, 2), estimates)
        curves(figure.add_subplot(1, 3, 3), estimates)


def variances(axes: Any, estimates: Sequence[Estimate]) -> None:
    """A bar for the total variance of every estimator, biased ones in another colour."""
    names = [estimate.name for estimate in estimates]
    colors = ["tab:blue" if estimate.is_unbiased else "tab:red" for estimate in estimates]
    axes.barh(names, [estimate.total_variance for estimate in estimates], color=colors)
    axes.set(xscale="log", title="variance of one trajectory (biased in red)")
    axes.invert_yaxis()
    axes.tick_params(axis="y", labelsize=8)


def lambdas(axes: Any, estimates: Sequence[Estimate]) -> None:
    """Bias and standard deviation of GAE over λ, with the exact critic and with the wrong one."""
    for critic, color in (("exact", "tab:blue"), ("wrong", "tab:red")):
        gae = [estimate for estimate in estimates if estimate.critic == critic and estimate.gae_lambda is not None]
        shown = [estimate.gae_lambda for estimate in gae]
        axes.plot(shown, [e.bias_norm for e in gae], "o-", color=color, label=f"bias, {critic} critic")
        axes.plot(shown, [e.total_variance**0.5 for e in gae], "s--", color=color, label=f"deviation, {critic} critic")
    axes.set(xlabel="λ", yscale="log", title="GAE: bias against variance")
    axes.legend(fontsize=8)


def curves(axes: Any, estimates: Sequence[Estimate]) -> None:
    """Distance of some means from ∇J over the number of trajectories."""
    for estimate in estimates:
        if estimate.kind in ("whole_trajectory", "reward_to_go", "value_baseline", "reward_to_go_no_discount"):
            axes.loglog(estimate.curve.trajectories, estimate.curve.bias_norms, label=estimate.name)
    axes.set(xlabel="trajectories", title="distance of the mean from ∇J")
    axes.legend(fontsize=8)
