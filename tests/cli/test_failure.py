"""How commands fail: one line or one JSON object, exit status 1 or 2."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import Result

from openaisle.errors import OpenAisleError, ShopLocked, ShopNotFound

Run = Callable[..., Result]
RunJson = Callable[..., dict[str, Any]]


@pytest.fixture
def opening_raises(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Lets `Shop.open` raise an error."""

    def prepare(error: BaseException) -> None:
        class Shop:
            @classmethod
            def open(cls, folder: Path) -> Shop:
                raise error

        module = ModuleType("openaisle.shop")
        module.Shop = Shop  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "openaisle.shop", module)

    return prepare


FAILURES: list[tuple[BaseException, int, str]] = [
    (ShopNotFound("No shop in x.", "Make one."), 2, "ShopNotFound"),
    (ShopLocked("Process 7 writes.", "Wait for it."), 1, "ShopLocked"),
    (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/a/b"), 1, "SystemError"),
    (KeyboardInterrupt(), 1, "Interrupted"),
    (RuntimeError("two\nlines \x1b[31mred"), 1, "InternalError"),
]
NAMES = [name for _, _, name in FAILURES]


@pytest.mark.parametrize(("error", "status", "name"), FAILURES, ids=NAMES)
def test_a_failure_is_one_line_on_standard_error(
    run: Run, opening_raises: Callable[[BaseException], None], error: BaseException, status: int, name: str
) -> None:
    opening_raises(error)
    result = run("keys", "list", "x")
    assert result.exit_code == status
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    assert "\x1b" not in lines[0]
    if isinstance(error, OpenAisleError):
        assert lines[0] == f"error: {error.detail} {error.mend}"


@pytest.mark.parametrize(("error", "status", "name"), FAILURES, ids=NAMES)
def test_a_failure_is_one_object_with_json(
    run_json: RunJson, opening_raises: Callable[[BaseException], None], error: BaseException, status: int, name: str
) -> None:
    opening_raises(error)
    body = run_json("keys", "list", "x", status=status)
    assert list(body) == ["error"]
    assert body["error"]["type"] == name
    assert all(body["error"][key] for key in ("title", "detail", "mend"))


WRONG_CALLS = [
    ["frobnicate"],
    ["search"],
    ["search", "shop"],
    ["search", "shop", "q", "--mod", "dense"],
    ["search", "shop", "q", "--mode", "fuzzy"],
    ["search", "shop", "q", "-k", "ten"],
    ["init"],
    ["keys", "create", "shop", "name", "--scope", "everything"],
    ["serve", "shop", "--port", "65536"],
    ["--wrong"],
]


@pytest.mark.parametrize("arguments", WRONG_CALLS, ids=" ".join)
def test_a_wrong_call_ends_with_2_and_says_where_help_is(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert "--help" in result.stderr


@pytest.mark.parametrize("arguments", WRONG_CALLS, ids=" ".join)
def test_a_wrong_call_is_one_object_with_json(run_json: RunJson, arguments: list[str]) -> None:
    if arguments[0] != "serve":  # it has no --json, which is then the wrong option
        assert run_json(*arguments, status=2)["error"]["type"] == "CallError"


def test_json_after_the_end_of_options_is_a_query(run: Run) -> None:
    result = run("search", "shop", "q", "--mode", "fuzzy", "--", "--json")
    assert result.exit_code == 2
    assert result.stdout == ""


def test_without_arguments_help_goes_to_standard_error(run: Run) -> None:
    result = run()
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "openaisle init myshop" in result.stderr


def python(*arguments: str, **extra: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, **extra)


def command(*arguments: str) -> list[str]:
    return ["-m", "openaisle", *arguments]


def test_version_and_help_do_not_load_the_rooms() -> None:
    heavy = ["numpy", "pydantic", "sqlalchemy", "rich", "fastapi", "uvicorn", "onnxruntime", "faiss"]
    code = (
        "import sys\nfrom openaisle.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit as end: assert end.code == 0\n"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    result = python("-c", code)
    assert result.stderr.strip() == "[]"


def test_version_names_the_program() -> None:
    from openaisle import __version__

    result = python(*command("--version"))
    assert (result.returncode, result.stdout) == (0, f"openaisle {__version__}\n")


def test_output_is_utf8_in_any_locale() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    result = subprocess.run(
        [sys.executable, *command("search", "商店", "x", "--json")], capture_output=True, check=False, env=environment
    )
    assert result.returncode == 2
    assert "商店" in result.stdout.decode("utf-8")


def test_a_reader_that_leaves_is_no_failure() -> None:
    code = (
        "import click\nfrom openaisle.cli.application import application\n"
        "@application.command()\ndef flood():\n    'Print.'\n    for _ in range(100000): click.echo('x' * 80)\n"
        "application(['flood'])"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=30) == 0
    assert process.stderr.read() == ""
    process.stderr.close()
