"""The version and the licence, in the repository and in an installation."""

from __future__ import annotations

import re
from importlib.metadata import distribution
from pathlib import Path

import pgrad

REPOSITORY = Path(__file__).resolve().parents[2]
HEADER = REPOSITORY / "include/pgrad.h"
SOURCES = ["Makefile", "Package.swift", ".ci", "Sources", "Tests", "include", "python/src", "python/pyproject.toml"]


def header_version() -> str:
    (version,) = re.findall(r'^#define PGRAD_VERSION "(.*)"$', HEADER.read_text(), re.MULTILINE)
    return str(version)


def files(name: str) -> list[Path]:
    path = REPOSITORY / name
    found = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return [file for file in found if ".build" not in file.parts]  # what the kernels' benchmarks are built in


def test_library_and_installation_have_the_headers_version() -> None:
    assert pgrad.version == pgrad.__version__ == header_version()
    assert distribution("pgrad").version == header_version()


def test_the_version_is_written_once() -> None:
    quoted = f'"{header_version()}"'
    places = [file for name in SOURCES for file in files(name) if quoted in file.read_bytes().decode(errors="replace")]
    assert places == [HEADER]
    assert HEADER.read_text().count(quoted) == 1


def test_the_changelog_names_the_version() -> None:
    headings = re.findall(r"^## (\S+)", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert next(heading for heading in headings if heading != "Unreleased") == header_version()


def test_an_installation_carries_licence_and_notice() -> None:
    installed = distribution("pgrad")
    assert installed.metadata["License-Expression"] == "MIT"
    assert installed.metadata.get_all("License-File") == ["LICENSE", "NOTICE"]
    for name in ("LICENSE", "NOTICE"):
        assert installed.read_text(f"licenses/{name}") == (REPOSITORY / name).read_text()
