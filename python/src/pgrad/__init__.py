"""pgrad: train and run policy-gradient agents inside any process.

    ∇θ E[R(τ)] = E[ Σ_t Ψ_t ∇θ log π(a_t | s_t, θ) ]

Every algorithm here is a choice of the weight Ψ_t. `PPO`, `SPO`, `A2C`, `TRPO`, `NPG` and `Reinforce`
run their own training loop; `Policy`, `returns`, `gae` and the optimizers are the parts for a loop of your own.
`MDP` and `POMDP` are solved exactly, `Laboratory` compares every estimator in an MDP, and `pgrad.verify` checks the
theorem.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import _pgrad_command as _command

if _command.is_module():
    _command.one_line_interrupts()

from pgrad._bindings import library as _library_handle
from pgrad._bindings import library_path, text

if TYPE_CHECKING:
    from pgrad import callbacks as callbacks
    from pgrad import distributed as distributed
    from pgrad import loggers as loggers
    from pgrad import plotting as plotting
    from pgrad import presets as presets
    from pgrad import sb3 as sb3
    from pgrad import verify as verify
    from pgrad._logging import disable_logging, enable_logging
    from pgrad.agents import A2C, NPG, PPO, SPO, TRPO, Agent, Reinforce, load
    from pgrad.errors import Error, FileAccessError, InvalidArgumentError, OutOfMemoryError, Status
    from pgrad.evaluation import Evaluation, evaluate
    from pgrad.functions import gae, returns, vtrace
    from pgrad.history import History
    from pgrad.laboratory import Estimate, Laboratory
    from pgrad.learned_rows import LearnedRows
    from pgrad.mdp import MDP, ExactValues
    from pgrad.multi_agent import MultiAgent
    from pgrad.native import NativeEnv
    from pgrad.observations import Bitmap, Choice, Convolution, FloatImage, Image, ObservationPart, Vector
    from pgrad.optimizers import SGD, Adam, AdamW, RMSProp
    from pgrad.policy import Policy
    from pgrad.pomdp import POMDP, ExactGradient
    from pgrad.rollout import Rollout
    from pgrad.self_play import SelfPlay
    from pgrad.spaces import (
        ActionSpace,
        Bernoulli,
        Beta,
        Categorical,
        Gaussian,
        Hybrid,
        MultiCategorical,
        SquashedGaussian,
    )
    from pgrad.statistics import Statistics

_MODULES = ("callbacks", "distributed", "loggers", "plotting", "presets", "sb3", "verify")
_NAMES = {
    "_logging": ("disable_logging", "enable_logging"),
    "agents": ("A2C", "NPG", "PPO", "SPO", "TRPO", "Agent", "Reinforce", "load"),
    "errors": ("Error", "FileAccessError", "InvalidArgumentError", "OutOfMemoryError", "Status"),
    "evaluation": ("Evaluation", "evaluate"),
    "functions": ("gae", "returns", "vtrace"),
    "history": ("History",),
    "laboratory": ("Estimate", "Laboratory"),
    "learned_rows": ("LearnedRows",),
    "mdp": ("MDP", "ExactValues"),
    "multi_agent": ("MultiAgent",),
    "native": ("NativeEnv",),
    "observations": ("Bitmap", "Choice", "Convolution", "FloatImage", "Image", "ObservationPart", "Vector"),
    "optimizers": ("SGD", "Adam", "AdamW", "RMSProp"),
    "policy": ("Policy",),
    "pomdp": ("POMDP", "ExactGradient"),
    "rollout": ("Rollout",),
    "self_play": ("SelfPlay",),
    "spaces": (
        *("ActionSpace", "Bernoulli", "Beta", "Categorical", "Gaussian", "Hybrid", "MultiCategorical"),
        "SquashedGaussian",
    ),
    "statistics": ("Statistics",),
}
"""The module that defines each public name. Modules load on first use: a program rarely needs all of them."""

if not TYPE_CHECKING:

    def __getattr__(name):
        """Load the module of a name, or a module, on first use."""
        from importlib import import_module

        if name in _MODULES or name in _NAMES:
            return import_module(f"pgrad.{name}")
        for module, names in _NAMES.items():
            if name in names:
                value = globals()[name] = getattr(import_module(f"pgrad.{module}"), name)
                return value
        raise AttributeError(f"module 'pgrad' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Public names, with the modules that load on first use."""
    return sorted({*__all__, *_MODULES, *(name for name in globals() if name.startswith("__"))})


version = text("pgrad_version")
"""The library's version."""
abi_version: int = _library_handle.pgrad_abi_version()
"""The number of the library's binary interface."""
kernels = text("pgrad_kernels")
"""The instruction set in use, "avx512", "avx2" or "baseline"."""
__version__ = version

__all__ = [
    "A2C",
    "MDP",
    "NPG",
    "POMDP",
    "PPO",
    "SGD",
    "SPO",
    "TRPO",
    "ActionSpace",
    "Adam",
    "AdamW",
    "Agent",
    "Bernoulli",
    "Beta",
    "Bitmap",
    "Categorical",
    "Choice",
    "Convolution",
    "Error",
    "Estimate",
    "Evaluation",
    "ExactGradient",
    "ExactValues",
    "FileAccessError",
    "FloatImage",
    "Gaussian",
    "History",
    "Hybrid",
    "Image",
    "InvalidArgumentError",
    "Laboratory",
    "LearnedRows",
    "MultiAgent",
    "MultiCategorical",
    "NativeEnv",
    "ObservationPart",
    "OutOfMemoryError",
    "Policy",
    "RMSProp",
    "Reinforce",
    "Rollout",
    "SelfPlay",
    "SquashedGaussian",
    "Statistics",
    "Status",
    "Vector",
    "abi_version",
    "disable_logging",
    "enable_logging",
    "evaluate",
    "gae",
    "kernels",
    "library_path",
    "load",
    "returns",
    "version",
    "vtrace",
]
