"""Saving over existing paths: files, links, folders and FIFOs."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

import pgrad

if TYPE_CHECKING:
    from pathlib import Path

SAVERS = pytest.mark.parametrize(
    "saver",
    [pgrad.Policy(1, pgrad.Categorical(2)), pgrad.PPO("pgrad/CartPole-v1", n_steps=64)],
    ids=["policy", "agent"],
)


@SAVERS
def test_a_link_stays_and_its_target_is_written(saver: Any, tmp_path: Path) -> None:
    (tmp_path / "run1").touch()
    (tmp_path / "latest").symlink_to("run1")
    (tmp_path / "next").symlink_to("run2")
    for name, target in [("latest", "run1"), ("next", "run2")]:
        saver.save(tmp_path / name)
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / target).stat().st_size > 0
        assert isinstance(type(saver).load(tmp_path / name), type(saver))


@SAVERS
def test_links_in_a_circle_are_refused(saver: Any, tmp_path: Path) -> None:
    (tmp_path / "here").symlink_to("there")
    (tmp_path / "there").symlink_to("here")
    with pytest.raises(OSError, match="here"):
        saver.save(tmp_path / "here")
    assert (tmp_path / "here").is_symlink()


@SAVERS
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_a_file_keeps_its_mode(saver: Any, tmp_path: Path, mode: int) -> None:
    path = tmp_path / "private"
    path.touch()
    path.chmod(mode)
    saver.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@SAVERS
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_new_file_follows_umask(saver: Any, tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        saver.save(tmp_path / "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o666 & ~umask


@SAVERS
def test_a_fifo_and_a_folder_are_refused_and_stay(saver: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, kind in [("pipe", "a FIFO"), ("folder", "a folder")]:
        with pytest.raises(OSError, match=f"{name}.*{kind}; expected a regular file or a new name"):
            saver.save(tmp_path / name)
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "folder").is_dir()
    assert sorted(os.listdir(tmp_path)) == ["folder", "pipe"]


@SAVERS
def test_a_missing_folder_is_created_and_a_file_in_its_place_is_refused(saver: Any, tmp_path: Path) -> None:
    saver.save(tmp_path / "new" / "folder" / "saved.safetensors")
    assert (tmp_path / "new" / "folder" / "saved.safetensors").stat().st_size > 100
    (tmp_path / "file").write_bytes(b"kept")
    for path in (tmp_path / "file" / "saved", tmp_path / "file" / "deep" / "saved", "/proc/none/saved"):
        with pytest.raises(pgrad.FileAccessError, match="cannot write"):
            saver.save(path)
    assert (tmp_path / "file").read_bytes() == b"kept"
