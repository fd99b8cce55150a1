"""The table of promises names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "python" / "docs" / "promises.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| promise")
]


def test_every_test_of_the_table_exists() -> None:
    assert len(ROWS) > 10
    for promise, tests, *_ in ROWS:
        names = re.findall(r"`([^`]+)`", tests)
        assert names, promise
        content = ""
        for name in names:
            if "/" in name:
                assert (ROOT / name).is_file(), f"{promise}: there is no {name}"
                content = (ROOT / name).read_text(encoding="utf-8")
            elif "_" in name:
                assert re.search(rf"\b{name}\b", content), f"{promise}: the file before it has no {name}"
