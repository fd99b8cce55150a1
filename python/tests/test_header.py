"""The bindings against include/pgrad.h and include/pgrad_oracle.h."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pycparser import c_ast

from pgrad import _bindings, _declarations, _enumerations, _env_structures, _oracle_declarations, _structures
from pgrad._structures import Progress
from tests.header import (
    HEADER,
    ORACLE_HEADER,
    enumerations,
    functions,
    nameless,
    offsets,
    parse,
    structures,
    text,
    types,
)
from tests.helpers import CC

STRUCTURES = _structures.STRUCTURES | _env_structures.STRUCTURES | _oracle_declarations.STRUCTURES
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


def test_every_function_is_declared_as_in_the_header(declarations: list[Any]) -> None:
    found = {}
    for name, function in functions(declarations).items():
        result, *parameters = types(function)
        found[name] = (result, *(kind for kind in parameters if kind != "void"))
    assert found == _declarations.SIGNATURES


def test_the_engines_header_declares_everything_except_the_oracle(declarations: list[Any]) -> None:
    engine = functions(parse(HEADER)).keys()
    assert functions(declarations).keys() - engine == _oracle_declarations.SIGNATURES.keys()
    assert engine == _declarations.SIGNATURES.keys() - _oracle_declarations.SIGNATURES.keys()


def test_ctypes_declares_every_signature() -> None:
    for name, (result, *parameters) in _declarations.SIGNATURES.items():
        function = getattr(_bindings.library, name)
        assert function.restype is _bindings.ctype(result)
        assert list(function.argtypes) == [_bindings.ctype(parameter) for parameter in parameters]


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
            return pointee in ("float", "uint8_t", "int32_t")
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
    fields = {name: [field[0] for field in structure._fields_] for name, structure in STRUCTURES.items()}
    said = offsets(fields, tmp_path)
    for name, structure in STRUCTURES.items():
        assert said[name] == ctypes.sizeof(structure)
        for field in fields[name]:
            assert said[f"{name}.{field}"] == getattr(structure, field).offset, f"{name}.{field}"


def test_every_enumeration_has_the_headers_values(declarations: list[Any]) -> None:
    ours = {name: {f"PGRAD_{item.name}": item.value for item in kind} for name, kind in ENUMERATIONS.items()}
    assert enumerations(declarations) == ours


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
