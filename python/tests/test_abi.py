"""The binary interface against the list of what was promised."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import pgrad
from tests import abi

LISTED = abi.LIST.read_text().splitlines()


@pytest.fixture(scope="module")
def current() -> list[str]:
    return abi.interface()


def test_nothing_that_was_promised_has_changed(current: list[str]) -> None:
    lost = abi.broken(LISTED, current)
    assert not lost, f"Restore these, and append instead, or raise PGRAD_ABI_VERSION: {lost}"


def test_everything_in_the_headers_is_listed(current: list[str]) -> None:
    added = [line for line in current if line not in LISTED]
    assert not added, f"If these are meant to stay, `make abi` adds them to {abi.LIST.name}: {added}"


def test_the_library_exports_the_functions_of_the_list() -> None:
    symbols = subprocess.check_output(
        ["nm", "-D", "--defined-only", "--extern-only", pgrad.library_path], text=True
    ).split()
    exported = {symbol.split("@")[0] for symbol in symbols if symbol.startswith("pgrad_")}
    assert exported == {line.split()[1].removesuffix(":") for line in LISTED if line.startswith("function ")}


def test_structures_that_may_grow_have_no_padding_at_the_end(current: list[str]) -> None:
    """A field appended there would be read from a program that never set it."""
    sizes = {"int32_t": 4, "uint32_t": 4, "float": 4, "int64_t [4]": 32}
    for line in current:
        grown = abi.GROWING.fullmatch(line)
        if grown:
            name = grown[1].removeprefix("structure ")
            last = [field for field in current if field.startswith(f"field {name}.")][-1]
            kind, offset = last.split(": ", 1)[1].rsplit(" at ", 1)
            assert int(offset) + sizes.get(kind, 8) == int(grown[2]), last


HEADER = """
#include <stdint.h>
#define PGRAD_ABI_VERSION 7
typedef enum pgrad_color { PGRAD_RED = 1, PGRAD_BLUE = 2 } pgrad_color;
typedef struct pgrad_config { uint32_t struct_size; int32_t color; double depth; } pgrad_config;
typedef struct pgrad_part { int32_t kind; float low; } pgrad_part;
typedef int32_t (*pgrad_hook)(void *context, int32_t value);
int32_t pgrad_draw(const pgrad_config *config, int64_t count);
"""


def lines_of(tmp_path: Path, old: str = "", new: str = "") -> list[str]:
    assert old in HEADER
    header = tmp_path / "pgrad.h"
    header.write_text(HEADER.replace(old, new, 1) if old else HEADER)
    return abi.interface(header)


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("int32_t pgrad_draw(const pgrad_config *config, int64_t count);", "", "function pgrad_draw"),
        ("int64_t count", "int32_t count", "function pgrad_draw"),
        ("PGRAD_BLUE = 2", "PGRAD_BLUE = 3", "value pgrad_color PGRAD_BLUE"),
        ("double depth", "float depth", "field pgrad_config.depth"),
        ("int32_t color; double depth;", "int32_t color; double width; double depth;", "field pgrad_config.depth"),
        ("float low;", "float low; float high;", "structure pgrad_part"),
        ("void *context, int32_t value", "void *context, int64_t value", "callback pgrad_hook"),
        ("int32_t kind; float low;", "float low; int32_t kind;", "field pgrad_part.kind"),
    ],
)
def test_a_change_or_removal_is_named(tmp_path: Path, old: str, new: str, lost: str) -> None:
    promised, changed = lines_of(tmp_path), lines_of(tmp_path, old, new)
    assert any(line.startswith(lost) for line in abi.broken(promised, changed))
    assert not abi.broken(promised, [line.replace("version 7", "version 8") for line in changed])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("double depth;", "double depth; double width;"),
        ("PGRAD_BLUE = 2", "PGRAD_BLUE = 2, PGRAD_GREEN = 3"),
        ("int32_t pgrad_draw", "int32_t pgrad_erase(int64_t count); int32_t pgrad_draw"),
    ],
)
def test_an_addition_breaks_nothing(tmp_path: Path, old: str, new: str) -> None:
    promised, changed = lines_of(tmp_path), lines_of(tmp_path, old, new)
    assert not abi.broken(promised, changed)
    assert set(changed) - set(promised)


def test_a_list_is_not_overwritten_by_an_interface_that_breaks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "abi.txt"
    listed.write_text("version 2\nfunction pgrad_gone: void (void)\n")
    monkeypatch.setattr(abi, "LIST", listed)
    assert abi.main() == 1
    assert "pgrad_gone" in capsys.readouterr().out
    assert listed.read_text().endswith("function pgrad_gone: void (void)\n")
    listed.write_text("version 2\n")
    assert abi.main() == 0
    assert listed.read_text().splitlines() == abi.interface()
