"""Files that are never half-written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

import pgrad
from pgrad._whole_files import replacing
from pgrad.plotting import learning_curve


def test_a_file_is_replaced_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "curve.svg"
    file.write_text("before")
    with replacing(file) as partial:
        partial.write_text("after")
        assert partial.suffix == ".svg"
        assert file.read_text() == "before"
    assert file.read_text() == "after"
    assert os.listdir(tmp_path) == ["curve.svg"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("before")
    (tmp_path / "link").symlink_to("file")
    with replacing(tmp_path / "link") as partial:
        partial.write_text("after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "after"


def test_a_full_disk_leaves_the_earlier_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    def full(_: object, path: str, **__: object) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    picture = tmp_path / "curve.png"
    agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=16, batch_size=16).learn(16)
    learning_curve(agent.history, picture)
    earlier = picture.read_bytes()
    monkeypatch.setattr(FigureCanvasAgg, "print_figure", full)
    with pytest.raises(OSError, match="No space left"):
        learning_curve(agent.history, picture)
    assert picture.read_bytes() == earlier
    assert os.listdir(tmp_path) == ["curve.png"]
