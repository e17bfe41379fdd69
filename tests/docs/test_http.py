"""The page on HTTP: its commands run against a real service, and its reference is what the service says of itself."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from openaisle.shop import Shop

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "http.md"
ADDRESS = "http://127.0.0.1:8000"
_FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    specification = importlib.util.spec_from_file_location("http_reference", ROOT / "tools" / "http_reference.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_reference_is_up_to_date(reference: ModuleType) -> None:
    assert reference.PAGE.read_text("utf-8") == reference.page(), "run: python tools/http_reference.py"


def test_every_scope_and_address_without_a_key_is_told() -> None:
    text = PAGE.read_text("utf-8")
    for word in ("`search`", "`write`", "`admin`", "/v1/health", "/v1/ready", "/metrics", "PROMETHEUS_MULTIPROC_DIR"):
        assert word in text


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_commands_on_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")
    Shop.create(tmp_path / "shop").close()
    command = [sys.executable, "-m", "uvicorn", "openaisle.server.app:from_environment", "--factory", "--port", "0"]
    environment = {**os.environ, "OPENAISLE_SHOP": str(tmp_path / "shop")}
    log = tmp_path / "log"
    with log.open("wb") as output, subprocess.Popen(command, env=environment, stderr=output, stdout=output) as service:
        try:
            address = _address(log)
            ran = [_run(code.replace(ADDRESS, address), tmp_path) for code in _commands(tmp_path)]
        finally:
            service.terminate()
    assert len(ran) >= 6
    assert any("Lehmhof" in answer for answer in ran)


def _commands(folder: Path) -> list[str]:
    found = []
    for language, title, code in _FENCE.findall(PAGE.read_text("utf-8")):
        if title:
            (folder / title).write_text(code, "utf-8")
        elif language == "sh":
            found.append(code)
    return found


def _run(code: str, folder: Path) -> str:
    """One block of commands; curl fails on an error's status."""
    script = 'set -e\ncurl() { command curl --silent --show-error --fail-with-body --max-time 30 "$@"; }\n' + code
    done = subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _address(log: Path) -> str:
    for _ in range(600):
        found = re.search(r"running on (http://127\.0\.0\.1:\d+)", log.read_text())
        if found:
            return found[1]
        time.sleep(0.05)
    raise AssertionError(log.read_text())
