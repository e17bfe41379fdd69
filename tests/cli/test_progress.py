from __future__ import annotations

import pytest

from openaisle.cli.progress import describe, progress


@pytest.mark.parametrize(
    ("done", "total", "seconds", "expected"),
    [
        (1200, 5000, 5.0, "indexing: 1,200 of 5,000, 240/s, 16 s left"),
        (1200, None, 5.0, "indexing: 1,200, 240/s"),
        (0, 10, 0.0, "indexing: 0 of 10, 0/s"),
    ],
)
def test_a_line_tells_how_far_how_fast_and_how_long(
    done: int, total: int | None, seconds: float, expected: str
) -> None:
    assert describe("indexing", done, total, seconds) == expected


def test_lines_come_every_few_seconds_and_on_standard_error_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([100.0, 102.0, 106.0, 107.0])
    monkeypatch.setattr("openaisle.cli.progress.time.monotonic", lambda: next(clock))
    with progress() as tell:
        for done in (0, 20, 60, 70):
            tell("reading", done, None)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "reading: 60, 10/s\n"
