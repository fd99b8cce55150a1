"""The bindings against include/pgrad.h and include/pgrad_oracle.h."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pycparser import c_ast, c_generator, c_parser

from pgrad import _bindings, _declarations, _enumerations, _oracle_declarations, _structures
from pgrad._structures import Progress
from tests.helpers import CC

INCLUDE = Path(__file__).resolve().parents[2] / "include"
HEADER = INCLUDE / "pgrad.h"
ORACLE_HEADER = INCLUDE / "pgrad_oracle.h"
"""Includes `HEADER`."""
STRUCTURES = _structures.STRUCTURES | _oracle_declarations.STRUCTURES
ENUMERATIONS = _enumerations.ENUMERATIONS | _oracle_declarations.ENUMERATIONS

SIZES = {
    "int32_t": ctypes.c_int32,
    "uint8_t": ctypes.c_uint8,
    "uint32_t": ctypes.c_uint32,
    "int64_t": ctypes.c_int64,
    "uint64_t": ctypes.c_uint64,
    "float": ctypes.c_float,
    "double": ctypes.c_double,
    "void *": ctypes.c_void_p,
}


@pytest.fixture(scope="module")
def declarations() -> list[Any]:
    return parse(ORACLE_HEADER)


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


def test_every_function_is_declared_as_in_the_header(declarations: list[Any]) -> None:
    functions = {
        node.name: tuple(kind for kind in types(node.type) if kind != "void" or kind == types(node.type)[0])
        for node in declarations
        if isinstance(node, c_ast.Decl) and isinstance(node.type, c_ast.FuncDecl)
    }
    without_void = {
        name: (kinds[0], *(kind for kind in kinds[1:] if kind != "void")) for name, kinds in functions.items()
    }
    assert without_void == _declarations.SIGNATURES


def test_the_engines_header_declares_everything_except_the_oracle(declarations: list[Any]) -> None:
    def functions(nodes: list[Any]) -> set[str]:
        return {node.name for node in nodes if isinstance(node, c_ast.Decl) and isinstance(node.type, c_ast.FuncDecl)}

    engine = functions(parse(HEADER))
    assert functions(declarations) - engine == _oracle_declarations.SIGNATURES.keys()
    assert engine == _declarations.SIGNATURES.keys() - _oracle_declarations.SIGNATURES.keys()


def test_ctypes_declares_every_signature() -> None:
    for name, (result, *parameters) in _declarations.SIGNATURES.items():
        function = getattr(_bindings.library, name)
        assert function.restype is _bindings.ctype(result)
        assert list(function.argtypes) == [_bindings.ctype(parameter) for parameter in parameters]


def structures(declarations: list[Any]) -> dict[str, list[tuple[str, Any]]]:
    found = {}
    for node in declarations:
        inner = node.type.type if isinstance(node, c_ast.Typedef) and isinstance(node.type, c_ast.TypeDecl) else None
        if isinstance(inner, c_ast.Struct) and inner.decls:
            found[str(node.name)] = [(str(field.name), field.type) for field in inner.decls]
    return found


def test_every_structure_has_the_headers_fields_in_order_and_type(declarations: list[Any]) -> None:
    found = structures(declarations)
    assert found.keys() == STRUCTURES.keys()
    for name, fields in found.items():
        ours: dict[str, Any] = {field[0]: field[1] for field in STRUCTURES[name]._fields_}
        assert [field for field, _ in fields] == list(ours), name
        for field, kind in fields:
            assert matches(kind, ours[field]), f"{name}.{field}"


def matches(kind: Any, ours: Any) -> bool:
    if isinstance(kind, c_ast.PtrDecl) and isinstance(kind.type, c_ast.FuncDecl):
        result, *parameters = types(kind.type)
        return callback_matches(result, parameters, ours)
    if isinstance(kind, c_ast.ArrayDecl):
        return bool(ours._length_ == int(kind.dim.value) and matches(kind.type, ours._type_))
    declared = text(nameless(kind)).removeprefix("const ")
    if declared == "char *":
        return ours is ctypes.c_char_p
    if declared.endswith("*") and declared != "void *":
        pointee = declared.removesuffix(" *")
        if ours is ctypes.c_void_p:  # an array's address, as in the arguments of functions
            return pointee in ("float", "uint8_t")
        return bool(ours._type_ is STRUCTURES.get(pointee, SIZES.get(pointee)))
    return ours is SIZES[declared]


def callback_matches(result: str, parameters: list[str], ours: Any) -> bool:
    expected = [ctypes.c_void_p if parameter.endswith("*") else SIZES[parameter] for parameter in parameters]
    return list(ours._argtypes_) == expected and ours._restype_ is (None if result == "void" else SIZES[result])


def test_the_progress_callback_is_the_headers(declarations: list[Any]) -> None:
    (typedef,) = [node for node in declarations if node.name == "pgrad_progress"]
    assert types(typedef.type.type) == ("int32_t", "void *", "const pgrad_statistics *")
    assert Progress._restype_ is ctypes.c_int32
    argument_types: Any = Progress._argtypes_
    context, statistics = argument_types
    assert context is ctypes.c_void_p
    assert statistics._type_ is STRUCTURES["pgrad_statistics"]


def test_sizes_and_offsets_are_what_a_c_compiler_says(tmp_path: Path) -> None:
    lines = []
    for name, structure in STRUCTURES.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        for field, *_ in structure._fields_:
            lines.append(f'printf("{name}.{field} %zu\\n", offsetof({name}, {field}));')
    source = tmp_path / "sizes.c"
    source.write_text(f"#include <pgrad_oracle.h>\n#include <stdio.h>\nint main(void) {{ {' '.join(lines)} }}\n")
    program = tmp_path / "sizes"
    subprocess.run([*CC, "-std=c99", f"-I{INCLUDE}", str(source), "-o", str(program)], check=True)
    said = dict(line.split() for line in subprocess.check_output([program], text=True).splitlines())
    for name, structure in STRUCTURES.items():
        assert int(said[name]) == ctypes.sizeof(structure)
        for field, *_ in structure._fields_:
            assert int(said[f"{name}.{field}"]) == getattr(structure, field).offset, f"{name}.{field}"


def test_every_enumeration_has_the_headers_values(declarations: list[Any]) -> None:
    found = {}
    for node in declarations:
        inner = node.type.type if isinstance(node, c_ast.Typedef) and isinstance(node.type, c_ast.TypeDecl) else None
        if isinstance(inner, c_ast.Enum):
            found[node.name] = {item.name: int(item.value.value) for item in inner.values.enumerators}
    ours = {name: {f"PGRAD_{item.name}": item.value for item in kind} for name, kind in ENUMERATIONS.items()}
    assert found == ours


def test_every_macro_with_a_value_is_the_headers() -> None:
    command = [*CC, "-dM", "-E", "-std=c99", str(ORACLE_HEADER)]
    macros = {}
    for line in subprocess.check_output(command, text=True).splitlines():
        _, name, *value = line.split(maxsplit=2)
        if name.startswith("PGRAD_") and name not in ("PGRAD_H", "PGRAD_ORACLE_H", "PGRAD_API", "PGRAD_VERSION"):
            macros[name] = value[0].removesuffix("LL").strip('"')
    assert macros == {name: str(value) for name, value in _declarations.MACROS.items()}


def test_opaque_handles_are_those_that_can_be_destroyed(declarations: list[Any]) -> None:
    handles = {
        node.name
        for node in declarations
        if isinstance(node, c_ast.Typedef)
        and isinstance(node.type, c_ast.TypeDecl)
        and isinstance(node.type.type, c_ast.Struct)
        and not node.type.type.decls
    }
    assert {f"{handle}_destroy" for handle in handles} == {
        name for name in _declarations.SIGNATURES if name.endswith("_destroy")
    }
