"""The binary interface of the library, as a list of lines, and what may become of each.

``python -m tests.abi`` adds to ``Tests/C/abi.txt`` what the headers have in addition to it. It refuses if a line would
change or disappear: programs that were built before would break. ``make abi`` calls it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from pycparser import c_ast

from tests.header import ORACLE_HEADER, enumerations, functions, nameless, offsets, parse, structures, text, types
from tests.helpers import CC

LIST = Path(__file__).resolve().parents[2] / "Tests" / "C" / "abi.txt"
GROWING = re.compile(r"(.*), (\d+) bytes, may grow")


def interface(header: Path = ORACLE_HEADER) -> list[str]:
    """One line for the ABI's version, and for each function, callback type, enumeration value, structure and field."""
    declarations = parse(header)
    lines = [f"version {abi_version(header)}"]
    for name, function in functions(declarations).items():
        lines.append(f"function {name}: {signature(function)}")
    lines += [f"callback {name}: {kind}" for name, kind in callbacks(declarations).items()]
    for name, values in enumerations(declarations).items():
        lines += [f"value {name} {item}: {value}" for item, value in values.items()]
    return sorted(lines + layout(structures(declarations), header), key=order)


def abi_version(header: Path) -> int:
    """``PGRAD_ABI_VERSION`` of a header."""
    macros = subprocess.check_output([*CC, "-dM", "-E", "-std=c99", str(header)], text=True)
    found = re.search(r"#define PGRAD_ABI_VERSION (\d+)", macros)
    assert found
    return int(found[1])


def signature(function: Any) -> str:
    """The types of a function, without the names of its parameters."""
    result, *parameters = types(function)
    return f"{result} ({', '.join(parameters)})"


def type_of(field: Any) -> str:
    """The type of a field; of a callback the types of its function."""
    if isinstance(field, c_ast.PtrDecl) and isinstance(field.type, c_ast.FuncDecl):
        return f"callback {signature(field.type)}"
    return text(nameless(field))


def callbacks(declarations: list[Any]) -> dict[str, str]:
    """The named types of functions that the host passes."""
    return {
        str(node.name): signature(node.type.type)
        for node in declarations
        if isinstance(node, c_ast.Typedef)
        and isinstance(node.type, c_ast.PtrDecl)
        and isinstance(node.type.type, c_ast.FuncDecl)
    }


def layout(found: dict[str, list[tuple[str, Any]]], header: Path) -> list[str]:
    """Size of each structure; type and offset of each field. A structure that begins with its size may grow."""
    with tempfile.TemporaryDirectory() as folder:
        said = offsets({name: [field for field, _ in fields] for name, fields in found.items()}, Path(folder), header)
    lines = []
    for name, fields in found.items():
        may_grow = ", may grow" if fields[0][0] == "struct_size" else ""
        lines.append(f"structure {name}, {said[name]} bytes{may_grow}")
        lines += [f"field {name}.{field}: {type_of(kind)} at {said[f'{name}.{field}']}" for field, kind in fields]
    return lines


def order(line: str) -> tuple[int, str, int]:
    """The place of a line in the list: by kind, then by name, fields and values by number."""
    kinds = ("version", "function", "callback", "value", "structure", "field")
    kind, name = line.split()[:2]
    number = int(line.rsplit(maxsplit=1)[1]) if kind in ("value", "field") else 0
    return kinds.index(kind), name.split(".")[0] if kind == "field" else name, number


def broken(listed: list[str], current: list[str]) -> list[str]:
    """What programs built with the listed interface would miss in the current one. Another version may break all."""
    if listed[:1] != current[:1]:
        return []
    return [line for line in listed if line not in current and not any(is_grown(line, other) for other in current)]


def is_grown(line: str, other: str) -> bool:
    """Whether the second line is the first one's structure with fields added."""
    old, new = GROWING.fullmatch(line), GROWING.fullmatch(other)
    return bool(old and new and old[1] == new[1] and int(new[2]) > int(old[2]))


def main() -> int:
    """Write the list, unless that breaks programs."""
    listed, current = LIST.read_text().splitlines() if LIST.exists() else [], interface()
    lost = broken(listed, current)
    if lost:
        print("These are promised to programs that were built before, and may not change:", *lost, sep="\n  ")
        print("Restore them and add at the end instead; or raise PGRAD_ABI_VERSION, so that programs are rebuilt.")
        return 1
    added = [line for line in current if line not in listed]
    LIST.write_text("\n".join(current) + "\n")
    print(f"{LIST.name}: {len(added)} lines added, {len(current)} in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
