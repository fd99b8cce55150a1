"""Every example of the documentation runs, and the site builds without a warning."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.helpers import MPI_VARIABLES, require_mpi

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "python" / "docs"
PAGES = sorted(DOCS.rglob("*.md"))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def names(pages: list[Path]) -> list[str]:
    return [str(page.relative_to(DOCS)) for page in pages]


WITH_PYTHON = [page for page in PAGES if blocks(page, "python")]


def run_python(code: str, folder: Path) -> None:
    """Run Python in a process of its own, in which warnings are errors."""
    if "import mpi" in code:
        require_mpi()
    script = folder / "page.py"
    script.write_text(code, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-W", "error", str(script)], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("page", WITH_PYTHON, ids=names(WITH_PYTHON))
def test_the_python_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    code = "\n".join(block for block in blocks(page, "python") if "import torch" not in block or find_spec("torch"))
    run_python(code, tmp_path)


README_PYTHON = blocks(ROOT / "README.md", "python")
EXTRAS = {"loggers.TensorBoard": ("tensorboard", "tensorboard"), ".plot(": ("matplotlib", "plot")}
"""What needs a package that pgrad does not require, the package, and the extra that installs it."""


@pytest.mark.parametrize("index", range(len(README_PYTHON)))
def test_a_block_of_python_in_the_readme_runs(index: int, tmp_path: Path) -> None:
    code = re.sub(r"\d+0_000\b", "10_000", README_PYTHON[index])  # fewer steps
    for call, (package, extra) in EXTRAS.items():
        if call in code:
            pytest.importorskip(package, reason=f"pip install 'pgrad[{extra}]'")
    run_python(code if "import pgrad" in code else f"import pgrad\n{code}", tmp_path)


@pytest.mark.parametrize("page", [DOCS / "index.md", ROOT / "README.md"], ids=["index.md", "README.md"])
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    lines = [line for block in blocks(page, "sh") for line in block.splitlines() if line.startswith("pgrad ")]
    assert len(lines) >= 3
    for line in lines:
        if "--ray" in line and find_spec("ray") is None:
            continue
        command = [sys.executable, "-m", *shlex.split(line, comments=True)]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr


def test_the_commands_of_mpi_in_the_readme_run(tmp_path: Path) -> None:
    require_mpi()
    lines = [
        line for block in blocks(ROOT / "README.md", "sh") for line in block.splitlines() if line.startswith("mpi")
    ]
    assert lines
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for line in lines:
        ended = subprocess.run(
            ["sh", "-c", line],
            cwd=tmp_path,
            env=os.environ | MPI_VARIABLES | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        assert "evaluation" in ended.stdout


def test_the_configuration_file_of_the_reference_is_accepted(tmp_path: Path) -> None:
    (configuration,) = blocks(DOCS / "reference" / "command.md", "toml")
    (tmp_path / "run.toml").write_text(configuration, encoding="utf-8")
    few = ["--timesteps", "512", "--eval-every", "512", "--eval-episodes", "1"]
    command = [sys.executable, "-m", "pgrad", "train", "--config", "run.toml", *few]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_page_of_the_header_has_every_declaration() -> None:
    pytest.importorskip("mkdocs")
    header = (ROOT / "include" / "pgrad.h").read_text(encoding="utf-8")
    page = runpy.run_path(str(DOCS / "pages.py"))["header_page"]("pgrad.h", header)
    functions = set(re.findall(r"^PGRAD_API [^;(]*?\*?(pgrad_\w+)\(", header, re.MULTILINE))
    types = set(re.findall(r"^typedef (?:struct|enum) (\w+)", header, re.MULTILINE))
    headings = set(re.findall(r"^### (\w+)$", page, re.MULTILINE))
    assert functions | types <= headings
    assert {"PGRAD_VERSION", "PGRAD_MAX_ROWS", "pgrad_progress"} <= headings
    assert "| `PGRAD_OK = 0` |" in page
    assert r"Fill a structure with its `pgrad_…_init`" in page


@pytest.mark.skipif(shutil.which("mkdocs", path=str(Path(sys.executable).parent)) is None, reason="mkdocs is missing")
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT / "python", capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "WARNING -" not in ended.stderr
    for page in names(PAGES):
        assert (tmp_path / page.replace(".md", ".html")).exists()


def test_links_of_the_repository_lead_to_pages() -> None:
    pytest.importorskip("mkdocs")
    linked = runpy.run_path(str(DOCS / "pages.py"))["linked"]
    readme = "[a](python/docs/guest.md#threads), [b](include/pgrad.h), [c](LICENSE), [d](python/docs/promises.md)"
    assert linked(readme, "", "promises.md") == "[a](guest.md#threads), [b](reference/pgrad_h.md), c, d"
    report = "[a](../../RESULTS.md), ![b](curves.png), [c](https://example.org), [d](#here)"
    assert linked(report, "python/benchmarks/learning/results", "benchmarks/learning.md") == (
        "[a](speed.md), ![b](curves.png), [c](https://example.org), [d](#here)"
    )


def test_the_page_of_the_command_has_every_option() -> None:
    pytest.importorskip("mkdocs")
    found = "\n".join(runpy.run_path(str(DOCS / "command_options.py"))["options"]())
    for expected in ("### pgrad train", "`--set KEY=VALUE`", "`--ray`", "`--until X`", "`FILES...`", "`--seed N`"):
        assert expected in found
    assert "Seed of all random numbers; default: 0." in found


def test_a_notebook_becomes_a_page_with_what_it_printed_and_drew() -> None:
    pytest.importorskip("mkdocs")
    picture = {"output_type": "display_data", "data": {"image/png": "iVBORw==", "text/plain": ["<Figure>"]}}
    table = {"output_type": "execute_result", "data": {"text/html": ["<table>\n", "  <tr></tr></table><svg/>"]}}
    printed = {"output_type": "stream", "text": ["1\n", "2\n"]}
    cells = [
        {"cell_type": "markdown", "source": ["# Title"]},
        {"cell_type": "code", "source": ["f()"], "outputs": [picture, table, printed]},
    ]
    text, pictures = runpy.run_path(str(DOCS / "notebook_pages.py"))["notebook_page"]("n", {"cells": cells})
    assert pictures == {"n_1.png": b"\x89PNG"}
    assert [line for line in text.splitlines() if line] == [
        *("# Title", "```python", "f()", "```", "![Figure 1](n_1.png)"),
        "<div><table><tr></tr></table><svg/></div>",
        *("``` { .text .no-copy .output }", "1", "2", "```"),
    ]
