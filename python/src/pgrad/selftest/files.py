"""Promises about files."""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

import pgrad
from pgrad.selftest.verdict import BrokenError

KILLS = 40
DAMAGES = 300


def small_policy(seed: int = 0) -> pgrad.Policy:
    """A policy whose file has a few kilobytes."""
    return pgrad.Policy(4, pgrad.Categorical(2), hidden_sizes=(16,), seed=seed)


def failed_saves_keep_the_file() -> str:
    """Let the system refuse to write more than a number of bytes."""
    if sys.platform == "win32":
        raise BrokenError("this system is not supported")
    import resource

    refused = 0
    old = small_policy(1)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "policy.safetensors"
            old.save(file)
            content = file.read_bytes()
            for room in range(0, len(content), max(1, len(content) // 20)):
                resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
                try:
                    small_policy(2).save(file)
                except OSError:
                    refused += 1
                finally:
                    resource.setrlimit(resource.RLIMIT_FSIZE, before)
                if file.read_bytes() != content or os.listdir(folder) != [file.name]:
                    raise BrokenError(f"a save that could write {room} bytes changed the folder")
    finally:
        signal.signal(signal.SIGXFSZ, handler)
    if refused == 0:
        raise BrokenError("no save was refused")
    return f"{refused} saves failed, at {refused} different lengths"


def killed_saves_leave_a_whole_file() -> str:
    """Kill children that do nothing but save."""
    if not hasattr(os, "fork"):
        return "not checked: this system has no fork"
    moments = random.Random(0)
    policy = small_policy(1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "policy.safetensors"
        policy.save(file)
        content = file.read_bytes()
        for _ in range(KILLS):
            child = fork()
            if child == 0:
                save_forever(policy, file)
            time.sleep(moments.uniform(0, 0.02))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if not os.WIFSIGNALED(status):
                raise BrokenError("the process that saves ended before it was killed")
            if file.read_bytes() != content:
                raise BrokenError("a killed save left another file")
        policy.save(file)
        left = sorted(set(os.listdir(folder)) - {file.name})
        if left:
            raise BrokenError(f"the next save left {left}")
    return f"{KILLS} of {KILLS} kills"


def save_forever(policy: pgrad.Policy, file: Path) -> None:
    """Save until the process is killed."""
    try:
        while True:
            policy.save(file)
    finally:
        os._exit(1)


def fork() -> int:
    """``os.fork`` without Python's warning of threads: the library's own threads survive it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def damaged_files_are_refused() -> str:
    """Load files that are cut short, or in whose header a byte changed."""
    rng = random.Random(0)
    content = _saved()
    header = 8 + int.from_bytes(content[:8], "little")
    refused = 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "policy.safetensors"
        for number in range(DAMAGES):
            if number % 2 == 0:
                damaged = bytearray(content[: rng.randrange(len(content))])
            else:
                damaged = bytearray(content)
                damaged[rng.randrange(header)] ^= 1 << rng.randrange(8)
            file.write_bytes(damaged)
            try:
                pgrad.load(file)
            except (pgrad.Error, ValueError):
                refused += 1
    if refused < DAMAGES // 2:  # a changed byte in a name or a number may give another valid file
        raise BrokenError(f"only {refused} of {DAMAGES} damaged files were refused")
    return f"{refused} of {DAMAGES} refused, no crash"


def _saved() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "policy.safetensors"
        small_policy().save(file)
        return file.read_bytes()
