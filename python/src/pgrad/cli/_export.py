"""``pgrad export``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

import pgrad
from pgrad._enumerations import PartKind
from pgrad.cli._terminal import AsJSON, completing, print_json, report_errors, table

_CHOICES = PartKind.CATEGORICAL, PartKind.BERNOULLI


def export(
    file: Annotated[Path, typer.Argument(help="A saved agent or policy.")],
    out: Annotated[Path, typer.Argument(help="An .onnx or a .c file; C gets a header beside it.")],
    quantize: Annotated[
        str | None,
        typer.Option(
            help="int8 stores the weights of a .c file as 8-bit integers; float by default.",
            autocompletion=completing(("int8",)),
        ),
    ] = None,
    as_json: AsJSON = False,
) -> None:
    """Write a saved agent's policy to a file that acts without pgrad: an ONNX model, or C."""
    with report_errors():
        model = pgrad.load(file)
        result = model.export(out, quantize=quantize)
    parts = (model.policy if isinstance(model, pgrad.Agent) else model).action_space.parts
    sizes = {str(path): path.stat().st_size for path in result.files}
    loss = result.loss
    if as_json:
        measured: dict[str, Any] = {"difference": result.difference, "loss": None if loss is None else asdict(loss)}
        print_json({"bytes": sizes, **measured})
        return
    rows = {path: f"{size:,} bytes" for path, size in sizes.items()}
    if result.difference is not None:
        rows["difference"] = f"at most {result.difference:.1g}, by onnxruntime"
    elif out.suffix.lower() == ".onnx":
        rows["difference"] = "not measured: pip install onnxruntime"
    if loss is not None:
        rows["KL by int8"] = f"{loss.kl:.2g} nats, on {loss.rows} random observations"
        if any(part.kind in _CHOICES for part in parts):
            rows["same choices"] = f"{loss.same_choices:.1%}"
        if any(part.kind not in _CHOICES for part in parts):
            rows["real columns"] = f"differ by at most {loss.largest_difference:.2g}"
    table(rows)
