import threading

import pytest
from sqlalchemy import text

from openaisle.errors import MissingExtra, SettingsError, StorageError
from openaisle.storage import engine as engine_module
from openaisle.storage import fetch, migrate, open_engine, reading, writing


def test_sqlite_is_in_wal_mode_with_a_busy_timeout(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    with reading(engine) as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 30_000
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


@pytest.mark.parametrize("url", ["mysql://localhost/shop", "shop.db", "://"])
def test_other_urls_are_refused(url):
    with pytest.raises(SettingsError):
        open_engine(url)


def test_postgresql_without_its_driver_says_what_to_install(monkeypatch):
    monkeypatch.setattr(engine_module, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra) as missing:
        open_engine("postgresql://localhost/shop")
    assert "openaisle[postgres]" in missing.value.mend


def test_writing_rolls_back_when_the_block_raises(engine):
    def write_and_fail() -> None:
        with writing(engine) as connection:
            connection.execute(text("UPDATE counters SET value = 5"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with reading(engine) as connection:
        assert connection.execute(text("SELECT max(value) FROM counters")).scalar() == 0


def test_a_reader_neither_waits_for_a_writer_nor_sees_what_is_not_committed(engine):
    with writing(engine) as writer:
        writer.execute(text("UPDATE counters SET value = 5"))
        with reading(engine) as reader:
            assert reader.execute(text("SELECT max(value) FROM counters")).scalar() == 0
    with reading(engine) as reader:
        assert reader.execute(text("SELECT max(value) FROM counters")).scalar() == 5


def test_a_read_inside_a_write_transaction_is_never_overtaken(engine):
    def add_one():
        for _ in range(20):
            with writing(engine) as connection:
                lock = " FOR UPDATE" if engine.dialect.name == "postgresql" else ""
                value = connection.execute(
                    text(f"SELECT value FROM counters WHERE name = 'products.seq'{lock}")
                ).scalar()
                connection.execute(text("UPDATE counters SET value = :v WHERE name = 'products.seq'"), {"v": value + 1})

    threads = [threading.Thread(target=add_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        assert connection.execute(text("SELECT value FROM counters WHERE name = 'products.seq'")).scalar() == 80


def test_a_connection_that_wrote_reads_without_the_write_lock_afterwards(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE counters SET value = 1"))
    with reading(engine) as reader:
        reader.execute(text("SELECT 1")).all()
        with writing(engine) as connection:  # would wait for the busy timeout if the reader held the lock
            connection.execute(text("UPDATE counters SET value = 2"))
    engine.dispose()


@pytest.mark.parametrize("ask", [migrate, lambda engine: fetch(engine, "SELECT 1", ())])
def test_an_unreachable_server_is_a_storage_error_without_the_password(ask):
    pytest.importorskip("psycopg")
    engine = open_engine("postgresql://someone:hunter2@127.0.0.1:9/shop")
    with pytest.raises(StorageError) as refused:
        ask(engine)
    assert "server runs" in refused.value.mend
    assert "hunter2" not in str(refused.value)
    engine.dispose()
