"""``pgrad info``."""

from __future__ import annotations

import sys
from pathlib import Path

import pgrad
from pgrad.cli._terminal import AsJSON, print_json, table
from pgrad.native import NATIVE_ENVIRONMENTS


def info(as_json: AsJSON = False) -> None:
    """Show the library's path, version and CPU kernels."""
    path = Path(pgrad.library_path)
    if as_json:
        print_json(
            {
                "version": pgrad.version,
                "abi_version": pgrad.abi_version,
                "library": pgrad.library_path,
                "bytes": path.stat().st_size if path.exists() else None,
                "kernels": pgrad.kernels,
                "python": sys.version.split()[0],
                "native_environments": [f"pgrad/{name}" for name in NATIVE_ENVIRONMENTS],
            }
        )
        return
    size = f" ({path.stat().st_size / 1e6:.1f} MB)" if path.exists() else ""
    table(
        {
            "pgrad": f"{pgrad.version}, ABI {pgrad.abi_version}",
            "library": f"{path}{size}",
            "kernels": pgrad.kernels,
            "Python": sys.version.split()[0],
            "native environments": "\n".join(f"pgrad/{name}" for name in NATIVE_ENVIRONMENTS),
        }
    )
