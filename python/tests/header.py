"""Reads include/pgrad.h and include/pgrad_oracle.h with pycparser."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from pycparser import c_ast, c_generator, c_parser

from tests.helpers import CC

INCLUDE = Path(__file__).resolve().parents[2] / "include"
HEADER = INCLUDE / "pgrad.h"
ORACLE_HEADER = INCLUDE / "pgrad_oracle.h"
"""Includes `HEADER`."""


def parse(header: Path) -> list[Any]:
    command = [*CC, "-E", "-std=c99", "-P", "-D__attribute__(x)=", "-D__extension__=", str(header)]
    source = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [node for node in c_parser.CParser().parse(source).ext if (node.name or "").startswith("pgrad_")]


def text(node: Any) -> str:
    """A type as the header writes it, without the name that it declares."""
    generated = c_generator.CGenerator().visit(node)
    return " ".join(str(generated).replace("*", " * ").split()).replace("* *", "**")


def types(declaration: Any) -> tuple[str, ...]:
    parameters = declaration.args.params if declaration.args else []
    return tuple(text(nameless(node)) for node in (declaration.type, *[parameter.type for parameter in parameters]))


def nameless(node: Any) -> Any:
    inner = node
    while not isinstance(inner, c_ast.TypeDecl):
        inner = inner.type
    inner.declname = None
    return node


def functions(declarations: list[Any]) -> dict[str, Any]:
    """The type of every function."""
    return {
        node.name: node.type
        for node in declarations
        if isinstance(node, c_ast.Decl) and isinstance(node.type, c_ast.FuncDecl)
    }


def structures(declarations: list[Any]) -> dict[str, list[tuple[str, Any]]]:
    found = {}
    for node in declarations:
        inner = node.type.type if isinstance(node, c_ast.Typedef) and isinstance(node.type, c_ast.TypeDecl) else None
        if isinstance(inner, c_ast.Struct) and inner.decls:
            found[str(node.name)] = [(str(field.name), field.type) for field in inner.decls]
    return found


def enumerations(declarations: list[Any]) -> dict[str, dict[str, int]]:
    """The values of every enumeration."""
    found = {}
    for node in declarations:
        inner = node.type.type if isinstance(node, c_ast.Typedef) and isinstance(node.type, c_ast.TypeDecl) else None
        if isinstance(inner, c_ast.Enum):
            found[str(node.name)] = {str(item.name): int(item.value.value) for item in inner.values.enumerators}
    return found


def offsets(fields: dict[str, list[str]], folder: Path, header: Path = ORACLE_HEADER) -> dict[str, int]:
    """What a C compiler says: the size of every structure, and the offset of every ``structure.field``."""
    lines = []
    for name, names in fields.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        lines += [f'printf("{name}.{field} %zu\\n", offsetof({name}, {field}));' for field in names]
    source = folder / "offsets.c"
    source.write_text(
        f'#include "{header}"\n#include <stddef.h>\n#include <stdio.h>\nint main(void) {{ {" ".join(lines)} }}\n'
    )
    program = folder / "offsets"
    subprocess.run([*CC, "-std=c99", f"-I{INCLUDE}", str(source), "-o", str(program)], check=True)
    said = subprocess.check_output([program], text=True)
    return {name: int(number) for name, number in (line.split() for line in said.splitlines())}
