"""What annotators get, and what comes back."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.errors import DataError, StorageError
from openaisle.learning.examples import Labelled, Scored
from openaisle.learning.unlabelled.annotation import Item, as_labelled, as_scored, read_items, write_items

TEXTS = st.text(st.characters(exclude_categories=("C", "Z")), max_size=12)


@pytest.mark.parametrize("name", ["items.csv", "items.jsonl"])
@given(cells=st.lists(st.tuples(TEXTS, TEXTS.filter(bool), TEXTS, TEXTS, TEXTS.filter(bool)), min_size=1, max_size=4))
def test_what_is_written_is_read(
    name: str, cells: list[tuple[str, str, str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("items") / name
    items = [Item(*cell) for cell in cells]
    write_items(path, items)
    assert read_items(path) == items


def test_only_what_has_a_label_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    write_items(path, [Item("1", "red mug", label="Kitchen"), Item("2", "blue mug")])
    assert read_items(path) == [Item("1", "red mug", label="Kitchen")]


def test_no_label_at_all_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    write_items(path, [Item("1", "red mug")])
    with pytest.raises(DataError, match="Nothing in"):
        read_items(path)


def test_a_spreadsheet_runs_no_cell(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    write_items(path, [Item("1", '=HYPERLINK("x")', "@other", "-1", "+1")])
    with path.open(encoding="utf-8-sig", newline="") as stream:
        _, row = csv.reader(stream)
    assert all(cell[0] not in "=+-@" for cell in row)
    assert read_items(path) == [Item("1", '=HYPERLINK("x")', "@other", "-1", "+1")]


def test_a_label_without_its_text_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("id,text,label\n1,mug,Kitchen\n2,,Kitchen\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 3"):
        read_items(path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        write_items(tmp_path / "none" / "items.csv", [])


def test_the_last_label_of_a_text_counts() -> None:
    items = [Item("1", "mug", label="Toys"), Item("2", "cup", label="Kitchen"), Item("3", "mug", label="Kitchen")]
    assert as_labelled(items) == [Labelled("mug", ("Kitchen",)), Labelled("cup", ("Kitchen",))]


def test_pairs_are_scored_from_0_to_1() -> None:
    assert as_scored([Item("1", "mug", "red mug", label="1"), Item("2", "mug", "sofa", label="0.0")]) == [
        Scored("mug", "red mug", 1.0),
        Scored("mug", "sofa", 0.0),
    ]


@pytest.mark.parametrize("label", ["yes", "2", "-0.5", "nan"])
def test_other_scores_are_refused(label: str) -> None:
    with pytest.raises(DataError, match="from 0 to 1"):
        as_scored([Item("1", "mug", "red mug", label=label)])
