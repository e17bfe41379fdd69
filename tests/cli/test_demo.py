from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from openaisle.sample.tour import stops

Run = Callable[..., Result]


def test_the_demo_shows_its_tour_and_can_be_run_again(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")
    monkeypatch.setenv("SERVE", "0")
    folder = tmp_path / "demo"
    first = run("demo", folder)
    assert first.exit_code == 0, first.output
    for stop in stops():
        assert stop.caption.en in first.stdout
        assert stop.query in first.stdout
    assert first.stdout.count("Kestrelo") > 0
    assert (folder / "sample" / "feed.jsonl").is_file()
    again = run("demo", folder, "--no-serve")
    assert again.stdout.splitlines()[2:] == first.stdout.splitlines()[2:]


def test_a_taken_port_is_told_before_anything_is_shown(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openaisle.cli.listening import listen

    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")
    with listen("127.0.0.1", 0) as taken:
        result = run("demo", tmp_path / "demo", "--serve", "--port", taken.getsockname()[1])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "is in use" in result.stderr
