"""Prints how far one update of TRPO is from Contrib's, and how far Contrib's own is from the same in double precision.

Run in the folder ``python``, in an environment with pytest, sb3-contrib 2.9 and pgrad:

    python -m tests.reference.compare_trpo_roundings

The smaller ``cg_damping`` is, the more conjugate gradients magnify roundings. Numbers are shares of the length of the
step, for the cases of `tests.sb3_updates`.
"""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from stable_baselines3.common.buffers import BaseBuffer, RolloutBuffer

from tests.reference.make_sb3_updates import parameters_after
from tests.sb3_updates import CASES, update

_reset, _to_torch = RolloutBuffer.reset, BaseBuffer.to_torch


def in_double(buffer: Any) -> None:
    """Reset a buffer, and let it keep doubles."""
    _reset(buffer)
    for name, array in vars(buffer).items():
        if isinstance(array, np.ndarray) and array.dtype == np.float32:
            setattr(buffer, name, array.astype(np.float64))


def to_double(buffer: Any, array: Any, copy: bool = True) -> Any:
    """The tensor of an array, in double precision."""
    tensor = _to_torch(buffer, array, copy)
    return tensor.double() if tensor.is_floating_point() else tensor


def main() -> None:
    """Compare the updates."""
    print("cg_damping  space     pgrad - Contrib  pgrad - double  Contrib - double")
    for damping in (0.1, 0.03, 0.01, 0.003, 0.001):
        for name, kind, space, options in (case for case in CASES if case[0] == "TRPO"):
            case = (name, kind, space, {**options, "cg_damping": damping})
            model, envs, before = update(case)
            actions = np.stack([np.stack(env.rollout["actions"]) for env in envs], 1)
            given = case, model.policy, before, actions
            single, _ = parameters_after(*given)
            torch.set_default_dtype(torch.float64)
            with (
                patch.object(RolloutBuffer, "reset", in_double),
                patch.object(BaseBuffer, "to_torch", to_double),
                patch.object(torch.Tensor, "float", torch.Tensor.double),
            ):
                double, _ = parameters_after(*given)
            torch.set_default_dtype(torch.float32)
            own, step = model.policy.parameters, np.linalg.norm(double - before)
            found = (np.linalg.norm(difference) / step for difference in (own - single, own - double, single - double))
            print(f"{damping:<11} {type(space).__name__:<9}", *(f"{value:<15.2g}" for value in found))


if __name__ == "__main__":
    main()
