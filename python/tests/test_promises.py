"""The README's promises name the tests that hold them, and the table of promises names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "python" / "docs" / "promises.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| promise")
]


def promises_of_the_readme() -> list[str]:
    """The items of the list of what the C ABI promises."""
    section = (
        (ROOT / "README.md").read_text(encoding="utf-8").split("## What the C ABI promises\n")[1].split("\n## ")[0]
    )
    items = re.split(r"^- ", section.strip().split("\n\n")[0], flags=re.MULTILINE)
    return [" ".join(item.split()) for item in items if item.strip()]


def test_every_promise_of_the_readme_ends_with_its_tests_which_the_table_has() -> None:
    promises = promises_of_the_readme()
    assert len(promises) >= 10
    table = {name for _, tests, *_ in ROWS for name in re.findall(r"`([^`]+)`", tests)}
    for promise in promises:
        named = re.search(r" \((\[[^()]+\]\([^()]+\)(?:, \[[^()]+\]\([^()]+\))*)\)$", promise)
        assert named, f"no tests are named after: {promise}"
        for title, path in re.findall(r"\[([^\]]+)\]\(([^)]+)\)", named[1]):
            assert Path(path).name == title
            assert path in table, f"the table has no {path}, which the README names"


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
