"""The notebook runs from top to bottom, and its stored outputs come from such a run."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "policy_gradient_theorem.ipynb"


def read() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    notebook = read()
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    # Sockets in the file system: nothing else on the machine can reach the kernel.
    sockets = str(tmp_path_factory.mktemp("sockets") / "kernel")
    config = Config({"KernelManager": {"transport": "ipc", "ip": sockets}})
    NotebookClient(notebook, timeout=300, kernel_name="python3", config=config).execute()
    return notebook


@pytest.mark.parametrize("source", ["executed", "stored"])
def test_every_cell_runs_without_warnings(source: str, executed: Any) -> None:
    cells = code_cells(executed if source == "executed" else read())
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


def test_a_new_run_gives_the_stored_kinds_of_outputs(executed: Any) -> None:
    for now, stored in zip(code_cells(executed), code_cells(read()), strict=True):
        assert [output.output_type for output in now.outputs] == [output.output_type for output in stored.outputs]


def test_each_equation_is_followed_by_the_cell_that_checks_it() -> None:
    cells = read().cells
    for before, after in pairwise(cells):
        if before.cell_type == "markdown" and "$$" in before.source:
            assert after.cell_type == "code"
    assert sum("check(" in cell.source for cell in cells) >= 8


def test_outputs_stay_small() -> None:
    assert NOTEBOOK.stat().st_size < 200_000
