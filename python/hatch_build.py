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

LIBRARY = "libpgrad.so"
BUILD = ["swift", "build", "-c", "release", "--product", "pgrad"]


class LibraryBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """A wheel contains the library; an editable installation uses the repository's, which is built if it is missing."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        repository = Path(self.root).parent
        library = repository / ".build" / "release" / LIBRARY
        if version == "editable":
            if not library.exists():
                build(repository)
            return
        build(repository)
        self._folder = tempfile.mkdtemp()
        build_data["force_include"][str(stripped(library, Path(self._folder)))] = f"pgrad/_lib/{LIBRARY}"
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-" + re.sub(r"[-.]", "_", sysconfig.get_platform())

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            shutil.rmtree(self._folder)


def build(repository: Path) -> None:
    """Run the Swift build; an error names what is missing."""
    if not (repository / "Package.swift").exists():
        raise SystemExit(
            f"pgrad is built from its Swift sources, and {repository} holds no Package.swift: "
            "install from a checkout of the whole repository"
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
