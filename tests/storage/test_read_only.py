"""A store that may be read and not written. Permissions are simulated: the tests may run as root."""

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from openaisle.errors import StorageError
from openaisle.storage import fetch, migrate, open_engine, reading, writing

INSERT = "INSERT INTO counters (name, value) VALUES (:name, 1)"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "a shop" / "50% off?.db"  # a name that a URI must quote


@pytest.fixture
def url(database: Path) -> str:
    database.parent.mkdir()
    url = f"sqlite:///{database}"
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    return url


@pytest.fixture
def forbid_writing(monkeypatch):
    may = os.access

    def forbid() -> None:
        monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and may(path, mode))

    return forbid


def names(engine) -> set[str]:
    return {name for (name,) in fetch(engine, "SELECT name FROM counters", ())}


def test_it_is_read_and_left_untouched(url, database, forbid_writing):
    forbid_writing()
    before = set(database.parent.iterdir())
    engine = open_engine(url)
    migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM products")).scalar() == 0
        assert set(database.parent.iterdir()) == before  # no log beside it, also while it is open
    engine.dispose()


def test_writing_says_what_to_do(url, forbid_writing):
    forbid_writing()
    engine = open_engine(url)
    with pytest.raises(StorageError) as refused, writing(engine) as connection:
        connection.execute(text(INSERT), {"name": "x"})
    assert "writable" in refused.value.mend
    engine.dispose()


def test_what_another_process_still_has_in_its_log_is_seen(url, forbid_writing):
    writer = open_engine(url)
    with writing(writer) as connection:
        connection.execute(text(INSERT), {"name": "first"})
    forbid_writing()
    reader = open_engine(url)
    assert "first" in names(reader)
    with writing(writer) as connection:
        connection.execute(text(INSERT), {"name": "second"})
    assert "second" in names(reader)
    writer.dispose()
    assert "second" in names(reader)
    reader.dispose()
