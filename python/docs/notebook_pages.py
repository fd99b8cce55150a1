"""The notebooks with their outputs, as pages of the site. A hook of MkDocs."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NAMES = "quick_start", "your_own_environment", "comparing_algorithms", "from_python_to_c"
"""Those without formulas, which a page could show only with a script from another server."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages and their pictures."""
    for name in NAMES:
        text, pictures = notebook_page(name, json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")))
        files.append(File.generated(config, f"notebooks/{name}.md", content=text))
        for picture, content in pictures.items():
            files.append(File.generated(config, f"notebooks/{picture}", content=content))
    return files


def notebook_page(name: str, notebook: dict[str, Any]) -> tuple[str, dict[str, bytes]]:
    """A notebook as Markdown, and its pictures by the names of their files."""
    pictures: dict[str, bytes] = {}
    lines: list[str] = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            lines += [source, ""]
            continue
        lines += ["```python", source, "```", ""]
        for output in cell["outputs"]:
            lines += _shown(output, name, pictures)
    return "\n".join(lines), pictures


def _shown(output: dict[str, Any], name: str, pictures: dict[str, bytes]) -> Iterator[str]:
    """What a cell printed or drew, in the richest of its forms that a page can have."""
    data = output.get("data", {})
    if "image/png" in data:
        picture = f"{name}_{len(pictures) + 1}.png"
        pictures[picture] = base64.b64decode("".join(data["image/png"]))
        yield from (f"![Figure {len(pictures)}]({picture})", "")
    elif "text/html" in data:
        html = re.sub(r"<style.*?</style>", "", "".join(data["text/html"]), flags=re.DOTALL)
        html = re.sub(r" *\n *", "", html.replace(' border="1" class="dataframe"', ""))
        yield from (f"<div>{html}</div>", "")
    else:
        text = "".join(output.get("text", data.get("text/plain", "")))
        yield from ("``` { .text .no-copy .output }", text.rstrip(), "```", "")
