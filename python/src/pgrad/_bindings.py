"""The library, and the conversions that calls of its functions need."""

from __future__ import annotations

import ctypes
import math
import os
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from pgrad import _library
from pgrad._declarations import MACROS, SIGNATURES
from pgrad._enumerations import ENUMERATIONS, FileContent, PartKind
from pgrad._env_structures import EnvInfo
from pgrad._handle import Handle, Sizes
from pgrad._oracle_declarations import MDPConfig
from pgrad._structures import (
    ActionPart,
    AgentConfig,
    LogCallback,
    PolicyConfig,
    Progress,
    Reduce,
)
from pgrad._validation import integer
from pgrad.errors import InvalidArgumentError, Status, error
from pgrad.spaces import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pgrad.types import FloatArray

_Structure = TypeVar("_Structure", bound=ctypes.Structure)

_VALUES: Final[dict[str, Any]] = {
    "void": None,
    "int32_t": ctypes.c_int32,
    "int64_t": ctypes.c_int64,
    "uint64_t": ctypes.c_uint64,
    "size_t": ctypes.c_size_t,
    "double": ctypes.c_double,
    "const char *": ctypes.c_char_p,
    "pgrad_progress": Progress,
    "pgrad_log_callback": LogCallback,
    "pgrad_reduce": Reduce,
    **dict.fromkeys(ENUMERATIONS, ctypes.c_int),
}


def ctype(declaration: str) -> Any:
    """The ctypes type of a C type; pointers to data are addresses, which are the fastest to convert."""
    return ctypes.c_void_p if declaration.endswith("*") and declaration != "const char *" else _VALUES[declaration]


def _declare(loaded: ctypes.CDLL, path: str) -> None:
    for name, (result, *parameters) in SIGNATURES.items():
        function = getattr(loaded, name, None)
        if function is None:
            raise ImportError(f"{path} has no {name}: it is older than this package; build or install it again")
        function.restype = ctype(result)
        function.argtypes = [ctype(parameter) for parameter in parameters]


library, library_path = _library.load(MACROS["PGRAD_ABI_VERSION"])
_declare(library, library_path)


def check(status: int) -> None:
    """Raise the library's error for a status other than PGRAD_OK."""
    if status:
        raise error(status, library.pgrad_last_error().decode(errors="replace"))


def text(name: str) -> str:
    """The text that a function without arguments returns, such as pgrad_version."""
    value: bytes = getattr(library, name)()
    return value.decode()


def create(kind: str, verb: str, *arguments: object, sizes: Sizes | None = None) -> Handle:
    """Call ``pgrad_kind_verb(&handle, …)``; sizes are for objects that the library does not describe."""
    return receive(kind, lambda slot: getattr(library, f"pgrad_{kind}_{verb}")(slot, *arguments), sizes)


def receive(kind: str, call: Callable[[Any], int], sizes: Sizes | None = None) -> Handle:
    """Take over the handle that a call writes to the address it gets."""
    slot = ctypes.c_void_p()
    check(call(ctypes.byref(slot)))
    return own(kind, slot.value, sizes)


def own(kind: str, value: int | None, sizes: Sizes | None = None) -> Handle:
    """Take over a handle that the library returned."""
    return Handle(value, getattr(library, f"pgrad_{kind}_destroy"), _MEASURES.get(kind), sizes or Sizes())


def _env_sizes(env: Handle) -> Sizes:
    info = describe(EnvInfo, "pgrad_env_describe", env)
    return Sizes(info.n_envs, info.observation_size, info.action_size, states=info.state_size)


def _policy_sizes(policy: Handle) -> Sizes:
    config = describe(PolicyConfig, "pgrad_policy_describe", policy)
    columns = sum(part.columns for part in parts_list(config.parts, config.part_count))
    count = ctypes.c_int64()
    check(library.pgrad_policy_parameters(policy.value, None, ctypes.byref(count)))
    states = ctypes.c_int64()
    check(library.pgrad_policy_state_size(policy.value, ctypes.byref(states)))
    return Sizes(0, config.observation_size, columns, count.value, states.value)


def _agent_sizes(agent: Handle) -> Sizes:
    config = describe(AgentConfig, "pgrad_agent_describe", agent)
    return policy_of(agent).sizes._replace(n_envs=config.n_envs)


def _mdp_sizes(mdp: Handle) -> Sizes:
    config = describe(MDPConfig, "pgrad_mdp_describe", mdp)
    return Sizes(states=config.state_count, actions=config.action_count, horizon=config.horizon)


_MEASURES: Final = {"agent": _agent_sizes, "env": _env_sizes, "mdp": _mdp_sizes, "policy": _policy_sizes}


def policy_of(agent: Handle) -> Handle:
    """A new handle to an agent's policy."""
    return receive("policy", lambda slot: library.pgrad_agent_policy(agent.value, slot))


_byte = ctypes.c_char.from_buffer
_addressof = ctypes.addressof


def address(array: Any) -> int:
    """The address of a contiguous array; the caller keeps the array alive."""
    try:
        return _addressof(_byte(array))
    except (TypeError, ValueError):  # read-only or empty: the slow way knows those
        return int(array.ctypes.data)


def unconverted(name: str) -> Any:
    """A function that returns a status, and whose arguments must be objects of ctypes or bytes: this saves time."""
    return library[name]


def source(array: Any) -> object:
    """An array as an argument that the library only reads, row by row; it keeps the numbers alive.

    Copying few bytes takes less time than finding the address of an array.
    """
    if array.nbytes <= _FEW_BYTES:
        return array.tobytes()
    try:
        return ctypes.byref(_byte(array))
    except (TypeError, ValueError):  # read-only or not contiguous
        return np.ascontiguousarray(array).ctypes.data_as(ctypes.c_void_p)


_FEW_BYTES: Final = 4096


def view(policy: Handle) -> FloatArray:
    """The parameters of a policy as an array; the array keeps the handle alive."""
    pointer, count = ctypes.c_void_p(), ctypes.c_int64()
    check(library.pgrad_policy_parameters(policy.value, ctypes.byref(pointer), ctypes.byref(count)))
    memory = (ctypes.c_float * count.value).from_address(pointer.value or 0)
    memory.owner = policy  # type: ignore[attr-defined]
    return np.ctypeslib.as_array(memory)


def moments(policy: Handle, means: Any, variances: Any) -> int | None:
    """Write the moments of a policy's normaliser and return their number of observations; None without a normaliser."""
    count = ctypes.c_int64()
    arguments = policy.value, address(means), address(variances), ctypes.byref(count)
    check(library.pgrad_policy_observation_moments(*arguments))
    return None if count.value < 0 else count.value


def note(policy: Handle) -> str:
    """The note of a policy."""
    length = ctypes.c_int64()
    check(library.pgrad_policy_note(policy.value, None, 0, ctypes.byref(length)))
    text = ctypes.create_string_buffer(length.value + 1)
    check(library.pgrad_policy_note(policy.value, ctypes.byref(text), len(text), None))
    return text.value.decode()


def set_note(policy: Handle, text: str) -> None:
    """Replace the note of a policy."""
    check(library.pgrad_policy_set_note(policy.value, c_string("note", text)))


def defaults(structure: type[_Structure], init: str) -> _Structure:
    """A structure of options with the library's defaults."""
    options = structure()
    check(getattr(library, init)(ctypes.byref(options), ctypes.sizeof(options)))
    return options


def describe(structure: type[_Structure], function: str, handle: Handle, *arguments: int) -> _Structure:
    """The description of an object, or of the part that arguments select."""
    description = structure()
    size = ctypes.sizeof(description)
    check(getattr(library, function)(handle.value, *arguments, ctypes.byref(description), size))
    return description


def reference(structure: ctypes.Structure) -> object:
    """A structure as a pointer argument."""
    return ctypes.byref(structure)


def point(structure: ctypes.Structure, arrays: Mapping[str, Any]) -> None:
    """Set pointers of a structure to contiguous arrays of the same types; the caller keeps the arrays alive."""
    types: dict[str, Any] = {field[0]: field[1] for field in structure._fields_}
    for name, array in arrays.items():
        setattr(structure, name, array.ctypes.data_as(types[name]))


def held(owner: Handle, pointer: Any, shape: tuple[int, ...]) -> Any:
    """A read-only array at a pointer of a structure; it keeps the handle that owns the memory alive."""
    memory = (pointer._type_ * math.prod(shape)).from_address(ctypes.addressof(pointer.contents))
    memory.owner = owner
    array = np.ctypeslib.as_array(memory).reshape(shape)
    array.flags.writeable = False
    return array


def parts_array(parts: Iterable[Part]) -> Any:
    """The parts of an action space as a C array."""
    rows = [ActionPart(part.kind, integer("size", part.size, ctypes.c_int32), part.low, part.high) for part in parts]
    return (ActionPart * len(rows))(*rows)


def parts_list(first: Any, count: int) -> list[Part]:
    """The parts of an action space from a C array."""
    return [Part(PartKind(part.kind), part.size, part.low, part.high) for part in first[:count]]


def integers_array(values: Sequence[int]) -> Any:
    """Whole numbers as a C array of int64_t."""
    return (ctypes.c_int64 * len(values))(*values)


def file_kind(path: bytes) -> FileContent:
    """Whether a file contains a policy, an agent or a checkpoint."""
    kind = ctypes.c_int32()
    check(library.pgrad_file_kind(path, ctypes.byref(kind)))
    return FileContent(kind.value)


_TRIES = 100
"""How often another thread may make a file longer between the calls that measure and write it."""


def file_bytes(kind: str, handle: Handle) -> bytes:
    """The bytes that ``pgrad_kind_save`` would write to a file; ``create(kind, "load_memory", …)`` reads them."""
    save = getattr(library, f"pgrad_{kind}_save_memory")
    size, status = ctypes.c_int64(), 0
    for _ in range(_TRIES):
        check(save(handle.value, None, 0, ctypes.byref(size)))
        memory = ctypes.create_string_buffer(size.value)
        status = save(handle.value, ctypes.byref(memory), size.value, ctypes.byref(size))
        if status != Status.INVALID_ARGUMENT:
            break
    check(status)
    return memory.raw[: size.value]


def path_bytes(path: str | os.PathLike[str]) -> bytes:
    """A path as bytes for C."""
    if not isinstance(path, (str, os.PathLike)):
        raise InvalidArgumentError(f"path is {path!r}; expected a string or a path")
    return c_string("path", os.fspath(path))


def c_string(name: str, value: str) -> bytes:
    """A string as bytes for C, which ends strings at a zero byte: it may not contain one."""
    if not isinstance(value, str):
        raise InvalidArgumentError(f"{name} is {value!r}; expected a string")
    if "\0" in value:
        raise InvalidArgumentError(f"{name} is {value!r}; expected a string without a zero byte")
    return os.fsencode(value)
