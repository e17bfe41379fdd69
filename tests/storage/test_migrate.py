import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from openaisle.errors import StorageError
from openaisle.storage import migrate, open_engine, reading, writing
from openaisle.storage.migrate import HEAD
from openaisle.storage.tables import metadata


def test_head_is_the_newest_script():
    config = Config()
    config.set_main_option("script_location", "openaisle.storage:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_migrations_make_the_tables_that_queries_are_written_against(engine):
    seen = inspect(engine)
    assert set(metadata.tables) <= set(seen.get_table_names())
    for table in metadata.tables.values():
        made = {column["name"]: column for column in seen.get_columns(table.name)}
        assert set(made) == {column.name for column in table.columns}
        assert {name for name, column in made.items() if not column["nullable"]} == {
            column.name for column in table.columns if not column.nullable
        }
        assert {index["name"] for index in seen.get_indexes(table.name)} >= {index.name for index in table.indexes}


def test_migrating_twice_changes_nothing(engine):
    with writing(engine) as connection:
        connection.execute(text("UPDATE counters SET value = 7 WHERE name = 'products.seq'"))
    migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT value FROM counters WHERE name = 'products.seq'")).scalar() == 7


def test_a_store_of_a_newer_version_is_refused(engine):
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError) as refused:
        migrate(engine)
    assert "Upgrade OpenAisle" in refused.value.mend


def test_processes_that_open_a_new_store_at_once_all_succeed(store_url):
    code = "import sys; from openaisle.storage import *; migrate(open_engine(sys.argv[1]))"
    openers = [
        subprocess.Popen([sys.executable, "-c", code, store_url], stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    errors = [opener.communicate(timeout=60)[1] for opener in openers]
    assert [opener.returncode for opener in openers] == [0, 0], errors
    engine = open_engine(store_url)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM counters")).scalar() == 4
    engine.dispose()


def test_a_percent_sign_in_the_path_is_fine(tmp_path: Path):
    (tmp_path / "100% wool").mkdir()
    engine = open_engine(f"sqlite:///{tmp_path / '100% wool' / 'shop.db'}")
    migrate(engine)
    assert (tmp_path / "100% wool" / "shop.db").exists()
    engine.dispose()
