from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.errors import DataError, StorageError
from openaisle.learning.data.digest import data_set
from openaisle.learning.data.files import read_data_set, read_examples, write_data_set, write_examples
from openaisle.learning.examples import (
    Candidate,
    Example,
    JudgedQuery,
    Labelled,
    Plain,
    Scored,
    Span,
    Tagged,
    Triplet,
    Valued,
)

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
SEVERAL = st.lists(TEXT, max_size=3).map(tuple)
KINDS: tuple[st.SearchStrategy[Example], ...] = (
    st.builds(JudgedQuery, TEXT, st.lists(st.builds(Candidate, TEXT, NUMBER, TEXT), max_size=3).map(tuple)),
    st.builds(Triplet, TEXT, TEXT, SEVERAL),
    st.builds(Scored, TEXT, TEXT, NUMBER),
    st.builds(Labelled, TEXT, SEVERAL),
    st.builds(Valued, TEXT, NUMBER),
    st.builds(
        Tagged, TEXT, st.lists(st.builds(Span, st.integers(0, 9), st.integers(0, 9), TEXT), max_size=3).map(tuple)
    ),
    st.builds(Plain, TEXT, TEXT),
)


@given(st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(*[st.lists(kind, max_size=4)] * 3)))
def test_a_data_set_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, splits: tuple[list[Example], ...]
) -> None:
    folder = tmp_path_factory.mktemp("set")
    data = data_set(*splits)
    write_data_set(data, folder)
    assert read_data_set(folder) == data


def test_the_digest_tells_order_split_and_kind() -> None:
    a, b = Plain("a"), Plain("b")
    sets = [data_set([a, b], [], []), data_set([b, a], [], []), data_set([a], [b], []), data_set([], [a, b], [])]
    sets += [data_set([Plain("a", "b")], [], []), data_set([Labelled("a", ("b",))], [], [])]
    assert len({each.digest for each in sets}) == len(sets)
    assert data_set([a, b], [], []).digest == sets[0].digest


def test_one_kind_of_example_in_a_data_set() -> None:
    with pytest.raises(DataError, match="Labelled and Plain"):
        data_set([Plain("a")], [Labelled("a", ("b",))], [])
    with pytest.raises(DataError, match="cannot be written as JSON"):
        data_set([Plain("\ud800")], [], [])


def test_the_manifest_says_what_there_is(tmp_path: Path) -> None:
    data = data_set([Plain("a"), Plain("b")], [Plain("c")], [])
    manifest = write_data_set(data, tmp_path / "made", {"task": "mlm"})
    assert orjson.loads(manifest.read_bytes()) == {
        "kind": "Plain",
        "examples": {"train": 2, "validation": 1, "test": 0},
        "digest": data.digest,
        "task": "mlm",
    }


def test_a_folder_that_is_no_whole_data_set(tmp_path: Path) -> None:
    data = data_set([Plain("a")], [Plain("c")], [])
    with pytest.raises(DataError, match="no manifest"):
        read_data_set(tmp_path)
    write_data_set(data, tmp_path)
    write_examples([Plain("changed")], tmp_path / "train.jsonl")
    with pytest.raises(DataError, match="not those of the manifest"):
        read_data_set(tmp_path)
    (tmp_path / "test.jsonl").unlink()
    with pytest.raises(DataError, match="cannot be read"):
        read_data_set(tmp_path)


@pytest.mark.parametrize(
    "line", ['{"kind": "Plain"', '{"kind": "Poem", "text": "a"}', '{"kind": "Plain", "text": 3}', "[]", "3"]
)
def test_a_broken_line_is_told(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.jsonl").write_text('{"kind": "Plain", "text": "a"}\n\n' + line + "\n")
    with pytest.raises(DataError, match=r"a\.jsonl, line 3: not an example"):
        list(read_examples(tmp_path / "a.jsonl"))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError):
        write_data_set(data_set([Plain("a")], [], []), tmp_path / "taken")
