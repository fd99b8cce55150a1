"""Array types that several modules name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
FloatArray: TypeAlias = npt.NDArray[np.float32]
DoubleArray: TypeAlias = npt.NDArray[np.float64]
FlagArray: TypeAlias = npt.NDArray[np.uint8]
ArrayLike: TypeAlias = npt.ArrayLike
ObservationLike: TypeAlias = npt.ArrayLike | Mapping[Any, Any] | tuple[Any, ...]
"""An array, or a dict or tuple of observations."""
