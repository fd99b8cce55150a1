"""``pgrad info``."""

from __future__ import annotations

import sys
from pathlib import Path

import pgrad
from pgrad.cli._terminal import table
from pgrad.native import NATIVE_ENVIRONMENTS


def info() -> None:
    """Show the library's path, version and CPU kernels."""
    path = Path(pgrad.library_path)
    size = f" ({path.stat().st_size / 1e6:.1f} MB)" if path.exists() else ""
    table(
        {
            "pgrad": f"{pgrad.version}, ABI {pgrad.abi_version}",
            "library": f"{path}{size}",
            "kernels": pgrad.kernels,
            "Python": sys.version.split()[0],
            "native environments": ", ".join(f"pgrad/{name}" for name in NATIVE_ENVIRONMENTS),
        }
    )
