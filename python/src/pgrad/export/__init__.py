"""Exports a policy to ONNX or C, so that it acts without pgrad."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pgrad._bindings import path_bytes
from pgrad.errors import InvalidArgumentError
from pgrad.export._c import c_files
from pgrad.export._files import write_files
from pgrad.export._onnx import onnx_model
from pgrad.export._onnx_check import onnx_difference
from pgrad.export._plan import plan_of
from pgrad.export._quantization import quantization_loss
from pgrad.export._report import Export, QuantizationLoss

if TYPE_CHECKING:
    from pgrad.policy import Policy
    from pgrad.types import ArrayLike

__all__ = ["Export", "QuantizationLoss"]


def export(
    policy: Policy,
    path: str | os.PathLike[str],
    *,
    quantize: str | None = None,
    observations: ArrayLike | None = None,
    clips: bool = False,
) -> Export:
    """Write a policy as `Policy.export` describes.

    Args:
        policy: The policy.
        path: The file.
        quantize: "int8" or None.
        observations: Rows on which the loss of quantization is measured.
        clips: Whether Gaussian columns of the action are clipped to their bounds.
    """
    path_bytes(path)
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in (".c", ".onnx"):
        raise InvalidArgumentError(f"path is {os.fspath(path)!r}; expected a name that ends in .onnx or .c")
    if quantize not in (None, "int8"):
        raise InvalidArgumentError(f"quantize is {quantize!r}; expected 'int8' or None")
    if suffix == ".onnx":
        if quantize is not None:
            raise InvalidArgumentError(f"quantize is {quantize!r} for an .onnx file; expected None, or a .c file")
        if observations is not None:
            raise InvalidArgumentError("observations are given without quantize; expected None, or quantize='int8'")
        plan = plan_of(policy, clips=clips)
        model = onnx_model(policy, plan).SerializeToString()
        difference = onnx_difference(policy, plan, model)
        write_files({target: model})
        return Export((target,), difference, None)
    if observations is not None and quantize is None:
        raise InvalidArgumentError("observations are given without quantize; expected None, or quantize='int8'")
    plan = plan_of(policy, clips=clips, deviations=False)
    loss = None if quantize is None else quantization_loss(policy, plan, observations)
    files = c_files(policy, plan, target, quantized=quantize is not None)
    write_files(files)
    return Export(tuple(files), None, loss)
