"""Pages of the site that are written elsewhere: the C headers, the benchmarks and the changelog. A hook of MkDocs."""

from __future__ import annotations

import posixpath
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

REPOSITORY = Path(__file__).resolve().parents[2]
BENCHMARKS = REPOSITORY / "python" / "benchmarks"
LEARNING = BENCHMARKS / "learning" / "results"
REPORTS = "learning", "scale", "games", "spread"
PAGES = {
    "include/pgrad.h": "reference/pgrad_h.md",
    "include/pgrad_oracle.h": "reference/pgrad_oracle_h.md",
    "python/benchmarks/RESULTS.md": "benchmarks/speed.md",
    "python/benchmarks/zen3/RESULTS.md": "benchmarks/speed_avx2.md",
    "python/benchmarks/emerald_rapids/RESULTS.md": "benchmarks/speed_avx512.md",
    **{f"python/benchmarks/{name}/results/README.md": f"benchmarks/{name}.md" for name in REPORTS},
    "CHANGELOG.md": "changes.md",
}
"""Files of the repository outside of this folder, and their pages."""

_SECTION = re.compile(r"/\* -+ ([^-].*?) \*/")
_ITEM = re.compile(
    r"(?P<doc>/\*\*(?!<).*?\*/\s*)?(?P<code>"
    r"#define PGRAD_[A-Z_]+ [^/\n]*(?P<remark>/\*\*<.*?\*/)?|"
    r"typedef (?:enum|struct) \w+ \{.*?\n\} \w+;|typedef [^;{]*;|PGRAD_API [^;]*;)",
    re.DOTALL,
)
_MEMBER = re.compile(
    r"(?:/\*\*(?!<)(?P<before>.*?)\*/\s*)?(?P<code>[^;,{}/]+[;,]?)[ \t]*(?:/\*\*<(?P<after>.*?)\*/)?", re.DOTALL
)
_COLUMN = 48
_NAME = re.compile(r"(?<![`\w])(pgrad_[a-z_…]+|PGRAD_[A-Z_…]+)(\(\))?")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for name in ("pgrad", "pgrad_oracle"):
        header = (REPOSITORY / "include" / f"{name}.h").read_text(encoding="utf-8")
        files.append(File.generated(config, f"reference/{name}_h.md", content=header_page(f"{name}.h", header)))
    for source, page in PAGES.items():
        if source.endswith(".md"):
            text = (REPOSITORY / source).read_text(encoding="utf-8")
            files.append(File.generated(config, page, content=linked(text, posixpath.dirname(source), page)))
    files.append(File.generated(config, "benchmarks/curves.png", abs_src_path=str(LEARNING / "curves.png")))
    picture = REPOSITORY / "python" / "assets" / "learning_curve.png"
    files.append(File.generated(config, "learning_curve.png", abs_src_path=str(picture)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Put parts of the README where a page asks for them, and point links to files at their pages."""
    markdown = markdown.replace("](../benchmarks/RESULTS.md)", "](benchmarks/speed.md)")
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")

    def part(asked: re.Match[str]) -> str:
        return linked(_part(readme, asked[1], asked[2]), "", page.file.src_uri)

    return re.sub(r"<!-- README (code|section): (.*?) -->", part, markdown)


def _part(readme: str, kind: str, name: str) -> str:
    """The first block of code in a language, with its fences, or the text below a heading."""
    if kind == "code":
        start = readme.index(f"```{name}\n")
        return readme[start : readme.index("\n```", start) + 4]
    start = readme.index(f"\n## {name}\n") + len(f"\n## {name}\n")
    return readme[start : readme.index("\n## ", start)]


def linked(text: str, folder: str, page: str) -> str:
    """A text of the repository in which links lead to pages of the site; links to other files become plain text.

    Args:
        text: Markdown.
        folder: The folder of its file, to which its links are relative.
        page: The page that it becomes a part of.
    """

    def link(found: re.Match[str]) -> str:
        path, _, anchor = found[2].partition("#")
        file = posixpath.normpath(posixpath.join(folder, path))
        target = file.removeprefix("python/docs/") if file.startswith("python/docs/") else PAGES.get(file, page)
        if target == page:
            return found[1]
        url = posixpath.relpath(target, posixpath.dirname(page))
        return f"[{found[1]}]({url}{'#' if anchor else ''}{anchor})"

    return re.sub(r"(?<!!)\[([^\]]+)\]\((?!http|#)([^)]*)\)", link, text)


def header_page(title: str, header: str) -> str:
    """A header as a page: its introduction, then its sections with every declaration and what the comments say."""
    introduction, _, body = header.partition("#ifndef PGRAD")
    parts = _SECTION.split(body)
    # What holds for all functions is a list of terms, each with an indented text.
    introduction = re.sub(r"\n \* {12}(?=\S)", "\n * ", introduction)
    introduction = re.sub(r"\n \* ([A-Z][a-z]+)\. +", r"\n *\n * __\1.__ ", introduction)
    introduction = introduction.replace("WHAT HOLDS FOR EVERY FUNCTION", "## What holds for every function")
    lines = [f"# {title}", "", *_prose(introduction)]
    for section, text in zip(parts[1::2], parts[2::2], strict=True):
        heading = section.strip()
        lines += ["", f"## {heading[0].upper()}{heading[1:]}", ""]
        for item in _ITEM.finditer(text):
            lines += _declaration(item)
    return "\n".join(lines) + "\n"


def _declaration(item: re.Match[str]) -> Iterator[str]:
    code = item["code"].replace("PGRAD_API ", "")
    remark = item["remark"] or ""
    if remark:
        code = code.replace(remark, "")
    fields = "{" in code
    last = fields or (code.startswith("typedef") and "(" not in code)
    name = re.search(r"(\w+);$" if last else r"(\w+)\)?\(|(PGRAD_\w+)", code)
    assert name is not None, code
    yield f"### {name[1] or name[2]}"
    yield ""
    if not fields:
        yield from ("```c", code.strip(), "```", "")
    yield from _prose(f"{item['doc'] or ''}{remark}")
    yield ""
    if fields:
        yield from _members(code[code.index("{") + 1 : code.rindex("}")])


def _members(body: str) -> Iterator[str]:
    yield f"| {'value' if '=' in body else 'field'} | meaning |"
    yield "|---|---|"
    for member in _MEMBER.finditer(body):
        code = " ".join(member["code"].split()).rstrip(",")
        if code:
            text = _inline(" ".join(_lines(member["before"] or member["after"] or "")))
            # Names are not broken; only what is longer than a column may be, at its spaces.
            wraps = "{ .wraps }" if len(code) > _COLUMN else ""
            yield f"| `{code}`{wraps} | {text.replace('|', chr(92) + '|')} |"
    yield ""


def _lines(comment: str) -> list[str]:
    """A comment's lines without its decoration, blank at neither end."""
    text = re.sub(r"^/\*\*?<?|\*/\s*$", "  ", comment.strip())
    lines = [re.sub(r"^ {0,1}\* ?", "", line.strip("\n")) for line in text.split("\n")]
    return textwrap.dedent("\n".join([lines[0].strip(), *lines[1:]])).strip("\n").split("\n")


def _prose(comment: str) -> Iterator[str]:
    """Paragraphs, equations as they are, and parameters as a list."""
    inside = ""
    comment = re.sub(r"(?<=\.) +(?=@(?:param|return) )", "\n * ", comment)
    for line in _lines(comment):
        word = line.strip().split(" ", 1)[0]
        if word in ("@param", "@return"):
            if not inside:
                yield ""
            inside = word
            rest = line.strip().removeprefix(word).strip()
            name, _, text = rest.partition(" ")
            yield f"- `{name}`: {_inline(text.strip())}" if word == "@param" else f"- returns {_inline(rest)}"
        elif inside and line.startswith("  "):
            yield f"    {_inline(line.strip())}"
        elif line.startswith("    "):
            yield line
        else:
            if inside and line.strip():
                yield ""
            inside = "" if line.strip() else inside
            yield _inline(line)


def _inline(text: str) -> str:
    """Text for Markdown, with names as code."""
    escaped = re.sub(r"([*<\[\]])", r"\\\1", text)
    return _NAME.sub(lambda name: f"`{name[0].rstrip('…') if name[0].endswith('…') else name[0]}`", escaped)
