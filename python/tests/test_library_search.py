"""Which library is loaded, and the error if none can be loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pgrad
from pgrad import _declarations, _library
from tests.helpers import CC


def import_pgrad(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import pgrad; print(pgrad.library_path)"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def compiled(folder: Path, source: str) -> Path:
    library = folder / "libother.so"
    subprocess.run([*CC, "-shared", "-fPIC", "-x", "c", "-", "-o", str(library)], input=source, text=True, check=True)
    return library


def test_the_environment_variable_selects_the_library() -> None:
    result = import_pgrad(PGRAD_LIBRARY=str(Path(pgrad.library_path).resolve()))
    assert result.stdout.strip() == str(Path(pgrad.library_path).resolve())


def test_a_missing_library_is_named_with_the_reason() -> None:
    result = import_pgrad(PGRAD_LIBRARY="/nowhere/libpgrad.so")
    assert result.returncode != 0
    assert "ImportError: no pgrad library could be loaded" in result.stderr
    assert "/nowhere/libpgrad.so (PGRAD_LIBRARY): " in result.stderr
    assert "No such file" in result.stderr


def test_every_place_is_listed_when_none_has_a_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "Package.swift").touch()
    monkeypatch.delenv("PGRAD_LIBRARY", raising=False)
    monkeypatch.setattr(_library, "__file__", str(tmp_path / "python" / "src" / "pgrad" / "_library.py"))
    monkeypatch.setattr(_library, "SYSTEM_NAME", "libpgrad-of-no-system.so")
    with pytest.raises(ImportError) as refusal:
        _library.load(1)
    said = str(refusal.value)
    assert str(tmp_path / "python/src/pgrad/_lib/libpgrad.so") + " (inside the package): " in said
    assert str(tmp_path / ".build/release/libpgrad.so") + " (built in the repository): " in said
    assert "libpgrad-of-no-system.so (the system's loader): " in said
    assert "swift build -c release --product pgrad" in said


def test_an_older_library_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    abi = _declarations.MACROS["PGRAD_ABI_VERSION"]
    library = compiled(tmp_path, f"int pgrad_abi_version(void) {{ return {abi}; }}")
    refused = import_pgrad(PGRAD_LIBRARY=str(library))
    last = refused.stderr.splitlines()[-1]
    assert last.startswith(f"ImportError: {library} has no pgrad_")
    assert last.endswith("it is older than this package; build or install it again")


def test_the_command_names_a_missing_library_in_one_line() -> None:
    start = [sys.executable, "-c", "from _pgrad_command import main; main()"]
    environment = os.environ | {"PGRAD_LIBRARY": "/nowhere/libpgrad.so"}
    ended = subprocess.run(start, capture_output=True, text=True, env=environment, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("pgrad: no pgrad library could be loaded")
    assert ended.stderr.count("\n") == 1


def test_another_abi_version_is_refused_with_both_numbers(tmp_path: Path) -> None:
    library = compiled(tmp_path, "int pgrad_abi_version(void) { return 99; }")
    result = import_pgrad(PGRAD_LIBRARY=str(library))
    assert result.returncode != 0
    ours = _declarations.MACROS["PGRAD_ABI_VERSION"]
    assert f"{library} has ABI version 99; this pgrad package needs {ours}" in result.stderr


def test_a_foreign_library_is_refused(tmp_path: Path) -> None:
    library = compiled(tmp_path, "int something(void) { return 1; }")
    result = import_pgrad(PGRAD_LIBRARY=str(library))
    assert f"{library} (PGRAD_LIBRARY): " in result.stderr
    assert "pgrad_abi_version" in result.stderr


def test_the_abi_version_is_the_bindings() -> None:
    assert pgrad.abi_version == _declarations.MACROS["PGRAD_ABI_VERSION"]
    assert pgrad.kernels in ("avx512", "avx2", "baseline")
