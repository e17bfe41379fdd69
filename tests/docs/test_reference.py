"""The committed reference pages are what the commands, settings and errors say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import click
import pytest

from openaisle.cli import main as application
from openaisle.learning.recipe.inventory import keys, tables
from openaisle.settings.inventory import sections, settings

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    specification = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def page(name: str) -> str:
    return (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["index.md", "cli.md", "settings.md", "recipe.md", "errors.md"])
def test_the_committed_page_is_up_to_date(reference: ModuleType, name: str) -> None:
    assert page(name) == reference.pages()[name], "run: python tools/reference.py"


def test_every_command_and_option_is_described(reference: ModuleType) -> None:
    text = page("cli.md")
    for path, command in reference.commands(application):
        assert f"## {path}\n" in text
        assert command.help, path
        for option in (each for each in command.params if isinstance(each, click.Option)):
            assert option.help, f"{path} {option.name}"
            assert option.opts[0] in text


def test_every_setting_is_described() -> None:
    text = page("settings.md")
    for section in sections():
        assert f"## `[{section.name}]`" in text
    for setting in settings().values():
        assert f"`{setting.variable}`" in text
        assert setting.description.replace("|", "\\|") in text


def test_every_key_of_a_recipe_is_described() -> None:
    text = page("recipe.md")
    for table in tables():
        assert not table.name or f"## `[{table.name}]`" in text
    for key in keys().values():
        assert f"| `{key.path.rpartition('.')[2]}` | " in text
        assert key.description.replace("|", "\\|") in text


def test_every_error_is_described(reference: ModuleType) -> None:
    text = page("errors.md")
    for kind in reference.error_types():
        assert f"| `{kind.__name__}` | {kind.title} | {kind.exit_status} | {kind.http_status} |" in text
        assert kind.__doc__ != "", kind
