"""What an export wrote."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class QuantizationLoss:
    """How much 8-bit weights change a policy.

    Attributes:
        kl: Mean of KL(π ‖ quantized π) in nats.
        same_choices: Share of rows whose most probable choices are all the same; 1 without choices.
        largest_difference: Of the columns of real numbers of the deterministic action; 0 without any.
        rows: Number of observations on which it was measured.
    """

    kl: float
    same_choices: float
    largest_difference: float
    rows: int

    def __repr__(self) -> str:
        return f"QuantizationLoss({', '.join(f'{name}={value:.3g}' for name, value in asdict(self).items())})"


@dataclass(frozen=True)
class Export:
    """The files of an exported policy.

    Attributes:
        files: The files; for C the source and its header.
        difference: Largest difference between the actions of the file and the policy's, as onnxruntime computes them;
            None if they were not compared: onnxruntime is not installed, or the files are C.
        loss: What 8-bit weights cost; None if weights are not quantized.
    """

    files: tuple[Path, ...]
    difference: float | None
    loss: QuantizationLoss | None
