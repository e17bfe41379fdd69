from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.errors import EventsError
from openaisle.events.event import Event
from openaisle.events.importing import import_events
from openaisle.events.limits import LINE_BYTES
from openaisle.events.lines import Lines
from openaisle.events.log import Appended, EventLog
from openaisle.events.selection import Among

NOON = 1_750_000_000_000
Make = Callable[..., Event]


def line(number: int, **said: Any) -> str:
    return json.dumps({"id": f"e{number}", "kind": "view", "time": NOON + number, "product_id": "mug", **said})


def written(folder: Path, *lines: str | bytes, name: str = "events.jsonl") -> Path:
    file = folder / name
    encoded = [text.encode() if isinstance(text, str) else text for text in lines]
    file.write_bytes(b"\n".join(encoded) + b"\n")
    return file


def test_good_lines_are_stored_and_bad_ones_told(log: EventLog, tmp_path: Path) -> None:
    file = written(tmp_path, line(1), "{not json", "", line(2, quantity=-1), "[1]", b'{"id": "\xff"}', line(3))
    result = import_events(log, file, rejects_path=tmp_path / "rejects.jsonl")
    assert (result.format, result.lines, result.appended, result.rejected) == (
        "openaisle",
        6,
        Appended(accepted=2),
        4,
    )
    assert [event.id for event in log.read()] == ["e1", "e3"]
    assert result.rejects is not None
    rejects = [json.loads(text) for text in result.rejects.read_text(encoding="utf-8").splitlines()]
    assert [(reject["line"], reject["field"]) for reject in rejects] == [(2, ""), (4, "quantity"), (5, ""), (6, "")]
    assert rejects[1]["reason"] == "it is negative"
    assert json.loads(rejects[1]["text"])["id"] == "e2"  # nothing is lost: the line is there to be mended


def test_a_second_import_stores_nothing(log: EventLog, tmp_path: Path) -> None:
    file = written(tmp_path, *(line(number) for number in range(50)), name="events.jsonl.gz")
    file.write_bytes(gzip.compress(file.read_bytes()))
    assert import_events(log, file).appended == Appended(accepted=50)
    assert import_events(log, file).appended == Appended(repeated=50)


def test_progress_hears_of_what_is_committed(log: EventLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openaisle.events.importing.BATCH", 4)
    told: list[tuple[int, int, int]] = []
    import_events(
        log,
        written(tmp_path, *(line(number) for number in range(10))),
        progress=lambda state: told.append((state.lines, state.appended.accepted, log.latest())),
    )
    assert told == [(4, 4, 4), (8, 8, 8), (10, 10, 10)]


def test_formats_are_told_by_their_content(log: EventLog, tmp_path: Path) -> None:
    ga4 = {"event_name": "view_item", "event_timestamp": str(NOON * 1000), "user_pseudo_id": "u"}
    scroll, view = ({**ga4, "event_name": "scroll"}, {**ga4, "items": [{"item_id": "mug"}]})
    result = import_events(log, written(tmp_path, json.dumps(scroll), json.dumps(view)))
    assert (result.format, dict(result.passed), result.appended.accepted) == ("ga4", {"scroll": 1}, 1)
    ubi = {"action_name": "click", "query_id": "q", "timestamp": NOON}
    ubi["event_attributes"] = {"object": {"object_id": "mug"}}
    assert import_events(log, written(tmp_path, json.dumps(ubi), name="ubi")).format == "ubi"


@pytest.mark.parametrize(
    ("content", "format_"),
    [(b"", None), (b'{"a": 1}\n', None), (b"id,kind\n", None), (b"{}", "csv")],
    ids=["empty", "foreign", "csv", "unknown format"],
)
def test_what_cannot_be_read_is_told(log: EventLog, tmp_path: Path, content: bytes, format_: str | None) -> None:
    file = tmp_path / "events"
    file.write_bytes(content)
    with pytest.raises(EventsError):
        import_events(log, file, format=format_)


def test_a_file_that_is_not_there_is_told(log: EventLog, tmp_path: Path) -> None:
    with pytest.raises(EventsError):
        import_events(log, tmp_path / "none")


def test_a_file_that_breaks_off_is_taken_as_far_as_it_goes(log: EventLog, tmp_path: Path) -> None:
    lines = "\n".join(line(number, query_id=f"{number * 7919}") for number in range(2000)).encode()
    file = tmp_path / "events.gz"
    packed = gzip.compress(lines)
    file.write_bytes(packed[: len(packed) // 2])
    result = import_events(log, file)
    assert result.damage is not None
    assert 0 < result.appended.accepted < 2000


def test_robots_are_marked_by_what_they_call_themselves(log: EventLog, tmp_path: Path) -> None:
    import_events(log, written(tmp_path, line(1, user_agent="Googlebot/2.1"), line(2)))
    assert [event.id for event in log.read()] == ["e2"]
    assert len(list(log.read(among=Among.ALL))) == 2


def test_very_many_events_of_one_shopper(log: EventLog, tmp_path: Path) -> None:
    file = written(tmp_path, *(line(number, shopper="robot") for number in range(8_000)))
    assert import_events(log, file).appended.accepted == 8_000
    assert list(log.read()) == []  # thousands of pages a minute are no person's
    assert log.summary().marks == {"volume": 8_000}


def test_an_endless_line_is_refused_without_being_held(tmp_path: Path) -> None:
    file = written(tmp_path, "a", b"x" * (3 * LINE_BYTES), "b")
    with Lines(file) as lines:
        assert [(line.number, line.text) for line in lines] == [(1, b"a"), (2, None), (3, b"b")]


@given(st.lists(st.binary(max_size=30).filter(lambda text: b"\n" not in text and text.strip()), max_size=30))
def test_lines_are_whole_wherever_a_chunk_ends(tmp_path_factory: pytest.TempPathFactory, texts: list[bytes]) -> None:
    file = tmp_path_factory.mktemp("lines") / "file"
    file.write_bytes(b"\n".join(texts))
    if texts and (texts[0].startswith((b"\x1f\x8b", b"\xef\xbb\xbf"))):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("openaisle.events.lines._CHUNK", 3)
        with Lines(file) as lines:
            assert [line.text for line in lines] == texts
