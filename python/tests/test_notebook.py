"""The notebooks run from top to bottom, and their stored outputs come from such a run."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
THEOREM = "policy_gradient_theorem"


def read(name: str) -> Any:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module", params=NOTEBOOKS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def executed(name: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    notebook = read(name)
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    # Sockets in the file system: nothing else on the machine can reach the kernel.
    sockets = str(tmp_path_factory.mktemp("sockets") / "kernel")
    config = Config({"KernelManager": {"transport": "ipc", "ip": sockets}})
    NotebookClient(notebook, timeout=300, kernel_name="python3", config=config).execute()
    return notebook


def test_there_are_five() -> None:
    assert NOTEBOOKS == [
        "comparing_algorithms",
        "from_python_to_c",
        "policy_gradient_theorem",
        "quick_start",
        "your_own_environment",
    ]


@pytest.mark.parametrize("source", ["executed", "stored"])
def test_every_cell_runs_without_warnings(source: str, name: str, executed: Any) -> None:
    cells = code_cells(executed if source == "executed" else read(name))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


def test_a_new_run_gives_the_stored_kinds_of_outputs(name: str, executed: Any) -> None:
    for now, stored in zip(code_cells(executed), code_cells(read(name)), strict=True):
        assert [_kinds(output) for output in now.outputs] == [_kinds(output) for output in stored.outputs]


def _kinds(output: Any) -> tuple[str, list[str]]:
    """The type of an output, and the forms in which a notebook can show it."""
    return output.output_type, sorted(output.get("data", {}))


def test_each_equation_is_followed_by_the_cell_that_checks_it() -> None:
    cells = read(THEOREM).cells
    for before, after in pairwise(cells):
        if before.cell_type == "markdown" and "$$" in before.source:
            assert after.cell_type == "code"
    assert sum("check(" in cell.source for cell in cells) >= 8


@pytest.mark.parametrize("stored", NOTEBOOKS)
def test_outputs_stay_small_and_show_no_folder_of_this_machine(stored: str) -> None:
    text = (FOLDER / f"{stored}.ipynb").read_text()
    assert len(text) < 320_000
    assert "/tmp/" not in text
    assert str(Path.home()) not in text
