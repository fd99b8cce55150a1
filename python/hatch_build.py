"""Builds the Swift library and puts it into the wheel."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE if (HERE / "Package.swift").exists() else HERE.parent
"""Where the Swift sources are: beside this file in a source distribution, above it in a checkout."""
LIBRARY = "libpgrad.so"
BUILD = ["swift", "build", "-c", "release", "--product", "pgrad"]


class LibraryBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """A wheel contains the library; an editable installation uses the repository's, which is built if it is missing.

    A source distribution contains LICENSE and NOTICE, not this folder's links to them.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "sdist":
            files = build_data["force_include"]
            build_data["force_include"] = {str(Path(source).resolve()): name for source, name in files.items()}
            return
        library = REPOSITORY / ".build" / "release" / LIBRARY
        if version == "editable":
            if not library.exists():
                build(REPOSITORY)
            return
        build(REPOSITORY)
        self._folder = tempfile.mkdtemp()
        build_data["force_include"][str(stripped(library, Path(self._folder)))] = f"pgrad/_lib/{LIBRARY}"
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-" + re.sub(r"[-.]", "_", sysconfig.get_platform())

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self.target_name == "wheel" and version != "editable":
            shutil.rmtree(self._folder)


def header_version() -> str:
    """The version that the C header has."""
    found = re.search(r'#define PGRAD_VERSION "([^"]+)"', (REPOSITORY / "include" / "pgrad.h").read_text())
    if found is None:
        raise SystemExit(f"{REPOSITORY / 'include' / 'pgrad.h'} defines no PGRAD_VERSION")
    return found[1]


def build(repository: Path) -> None:
    """Run the Swift build; an error names what is missing."""
    if not (repository / "Package.swift").exists():
        raise SystemExit(
            f"pgrad is built from its Swift sources, and {repository} holds no Package.swift: "
            "install from a source distribution or a checkout of the whole repository"
        )
    if shutil.which("swift") is None:
        raise SystemExit(
            "pgrad is built with Swift 6.2 or later, and there is no swift command on the PATH: "
            "install it from https://www.swift.org/install"
        )
    result = subprocess.run(BUILD, cwd=repository, text=True, capture_output=True, check=False)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(BUILD)} failed in {repository}:\n{result.stdout}{result.stderr}")


def stripped(library: Path, folder: Path) -> Path:
    """Copy the library to the folder, without debugging symbols if strip is installed."""
    copy = folder / library.name
    shutil.copyfile(library, copy)
    if shutil.which("strip") is not None:
        subprocess.run(["strip", "--strip-unneeded", str(copy)], check=True)
    return copy
