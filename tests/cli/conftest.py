from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from openaisle.cli import main as application

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `openaisle ARGUMENTS` in this process."""
    monkeypatch.delenv("OPENAISLE_DEBUG", raising=False)

    def invoke(*arguments: object, **extra: Any) -> Result:
        return CliRunner().invoke(application, [str(argument) for argument in arguments], **extra)

    return invoke


@pytest.fixture
def run_json(run: Run) -> Callable[..., dict[str, Any]]:
    """Runs `openaisle ARGUMENTS --json` and returns the one object it printed; `status` is what it must end with."""

    def invoke(*arguments: object, status: int = 0) -> dict[str, Any]:
        result = run(*arguments, "--json")
        assert result.exit_code == status, result.output
        lines = result.stdout.splitlines()
        assert len(lines) == 1, result.stdout
        body = json.loads(lines[0])
        assert isinstance(body, dict)
        return body

    return invoke
