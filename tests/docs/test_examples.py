"""Every example in the README and the documentation runs, page by page, from top to bottom.

A block with `title="name"` is written to that file, `console` blocks run their `$ ` lines, `python` blocks share one
namespace a page. `<!-- not run -->` on the line before exempts a block.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"fine-tuning.md"}
"""Pages that would train for minutes as they stand: `test_fine_tuning.py` runs them on a small set."""
PAGES = [
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.name not in ELSEWHERE),
]
EXEMPTION = "<!-- not run -->"

_FENCE = re.compile(
    rf"(?P<exempt>{EXEMPTION}\s*\n)?^[ ]*(?P<ticks>`{{3,}})(?P<info>[^\n`]*)\n(?P<code>.*?)^[ ]*(?P=ticks)[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_TITLE = re.compile(r'title="([^"]+)"')
_RUN = {"python", "console"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; `line` is its first line of code, `title` the file it stands for, if any."""

    language: str
    title: str | None
    code: str
    line: int
    exempt: bool

    @property
    def commands(self) -> list[str]:
        joined = self.code.replace("\\\n", " ")
        return [line[2:].strip() for line in joined.splitlines() if line.startswith("$ ")]


def blocks(page: str) -> Iterator[Block]:
    for found in _FENCE.finditer(page):
        language, _, rest = found["info"].strip().partition(" ")
        title = _TITLE.search(rest)
        line = page.count("\n", 0, found.start("code")) + 1
        yield Block(language, title and title[1], found["code"], line, found["exempt"] is not None)


def runnable(page: Path) -> list[Block]:
    return [block for block in blocks(page.read_text("utf-8")) if not block.exempt]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in runnable(page):
        if block.title:
            (tmp_path / block.title).write_text(block.code, "utf-8")
        elif block.language == "python":
            execute(block, page, namespace)
        elif block.language == "console":
            for command in block.commands:
                run(command, tmp_path, f"{page.name}:{block.line}")


def test_pages_have_examples() -> None:
    found = [block for page in PAGES for block in runnable(page) if block.language in _RUN]
    assert len([block for block in found if block.language == "python"]) >= 2
    assert len([command for block in found for command in block.commands]) >= 10


def test_console_blocks_hold_commands() -> None:
    """A console block without a `$ ` line would pass without being run."""
    empty = [
        f"{page.name}:{block.line}"
        for page in PAGES
        for block in runnable(page)
        if block.language == "console" and not block.commands
    ]
    assert empty == []


def test_blocks_are_told_apart() -> None:
    page = f'a\n```csv title="f.csv"\nid\n```\n\n{EXEMPTION}\n```python\n1/0\n```\n```console\n$ a \\\n   b\nout\n$ c\n```\n'
    file, python, console = blocks(page)
    assert (file.language, file.title, file.code, file.line) == ("csv", "f.csv", "id\n", 3)
    assert python.exempt
    assert not console.exempt
    assert console.commands == ["a     b", "c"]


def execute(block: Block, page: Path, namespace: dict[str, Any]) -> None:
    # Blank lines in front make a traceback name the page's own line.
    code = compile("\n" * (block.line - 1) + block.code, str(page), "exec")
    exec(code, namespace)


def run(command: str, folder: Path, place: str) -> None:
    """Through the shell, as a reader would, with the `openaisle` of this environment first on the path."""
    assert command.startswith("openaisle "), f"{place}: only openaisle is run: {command}"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command,
        shell=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PATH": path, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{place}: {command}\nexit status {done.returncode}\n{done.stdout}\n{done.stderr}"
