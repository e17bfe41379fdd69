"""Every block of the page on fine-tuning runs, in order: on one department of the sample store, with a tiny base."""

from __future__ import annotations

import importlib.util
import json
import shlex
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from openaisle.cli import main as application
from openaisle.models.registry import Registry
from openaisle.rollout import in_use

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parent / "docs" / "fine-tuning.md"
DEPARTMENT = "Kitchen"
BASE = 'base = "starter"'


def module(file: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"docs_walk_{file.stem}", file)
    assert specification is not None
    assert specification.loader is not None
    found = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = found  # where dataclasses look for the module of their class
    specification.loader.exec_module(found)
    return found


examples = module(Path(__file__).parent / "test_examples.py")


def test_the_walk_ends_with_a_promoted_model(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    ran = [command for block in examples.runnable(PAGE) for command in walk(block, tiny_base, namespace)]
    registry = Registry(tmp_path / "myshop" / "models")
    assert [version.number for version in registry.versions("shop-encoder")] == [1, 2]
    assert registry.get("shop-encoder@2").lineage().parent == "shop-encoder@1"
    assert in_use(tmp_path / "myshop")[registry.get("shop-encoder@2").setting] == "encoder"
    told = {" ".join(shlex.split(command)[1:3]) for command in ran}
    assert told >= {"train myshop", "tune myshop", "data check", "models promote", "models rollback", "models list"}


def walk(block: Any, base: Path, namespace: dict[str, Any]) -> list[str]:
    """Do what one block says and return the commands that were run."""
    if block.title:
        assert block.code.count(BASE) == 1
        Path(block.title).write_text(block.code.replace(BASE, f'base = "{base}"'), "utf-8")
    elif block.language == "python":
        examples.execute(block, PAGE, namespace)
        keep_one_department(Path("feed.jsonl"))
    elif block.language == "console":
        for command in block.commands:
            run(command, block.line)
        commands: list[str] = block.commands
        return commands
    return []


def run(command: str, line: int) -> None:
    """In this process: PyTorch is imported once."""
    name, *arguments = shlex.split(command)
    assert name == "openaisle", command
    done = CliRunner().invoke(application, arguments)
    assert done.exit_code == 0, f"{PAGE.name}:{line}: {command}\n{done.output}"


def keep_one_department(feed: Path) -> None:
    lines = [line for line in feed.read_text("utf-8").splitlines() if json.loads(line)["category"][0] == DEPARTMENT]
    assert len(lines) > 100
    feed.write_text("\n".join(lines) + "\n", "utf-8")
