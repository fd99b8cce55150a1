"""Exceptions, and the library's status codes."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """The result of a call into the library; the numbers never change."""

    OK = 0
    INVALID_ARGUMENT = 1
    INVALID_HANDLE = 2
    NOT_FINITE = 3
    BAD_STATE = 4
    OUT_OF_MEMORY = 5
    UNSUPPORTED = 6
    IO_ERROR = 7
    BAD_FILE = 8
    HOST_ERROR = 9


class Error(Exception):
    """A refused call; the message names the argument, its value and what was expected.

    Args:
        message: The argument, its value and what was expected.
        status: The library's status code, which identifies the kind of error.
    """

    def __init__(self, message: str, status: Status) -> None:
        super().__init__(message, status)
        self.message = message
        self.status = status

    def __str__(self) -> str:
        return self.message


class InvalidArgumentError(Error, ValueError):
    """An argument is out of range, of the wrong shape or type, not finite, or contradicts another."""

    def __init__(self, message: str, status: Status = Status.INVALID_ARGUMENT) -> None:
        super().__init__(message, status)


class FileAccessError(Error, OSError):
    """The operating system refused to read or write a file."""

    def __init__(self, message: str, status: Status = Status.IO_ERROR) -> None:
        super().__init__(message, status)
        self.errno, self.strerror = None, message


class OutOfMemoryError(Error, MemoryError):
    """There is not enough memory for the request."""

    def __init__(self, message: str, status: Status = Status.OUT_OF_MEMORY) -> None:
        super().__init__(message, status)


def error(status: int, message: str) -> Error:
    """The exception for a status."""
    known = Status(status)
    if known is Status.INVALID_HANDLE:
        message = message.replace(" is NULL", " was closed")  # in Python, only a closed object has no handle
    if known in (Status.INVALID_ARGUMENT, Status.NOT_FINITE):
        return InvalidArgumentError(message.replace(" is NULL", " is None"), known)
    if known is Status.BAD_STATE:
        message = message.replace("value_function = 1", "value_function=True")
    if known is Status.IO_ERROR:
        return FileAccessError(message)
    if known is Status.OUT_OF_MEMORY:
        return OutOfMemoryError(message)
    return Error(message, known)
