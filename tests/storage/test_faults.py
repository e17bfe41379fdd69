import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import text

from openaisle.errors import StorageError
from openaisle.storage import fetch, migrate, open_engine, reading, writing
from openaisle.storage.meta import Meta

_REPORT = """
import sys, sqlalchemy.dialects.sqlite, alembic.command
from openaisle.errors import StorageError
from openaisle.storage import migrate, open_engine
from openaisle.storage.meta import Meta
try:
    {setup}
    engine = open_engine("sqlite:///" + sys.argv[1])
    migrate(engine)
    for n in range(10_000):
        Meta(engine).put(f"k{{n}}", "x" * 10_000)
except StorageError as error:
    print(error.mend)
"""


def test_a_full_disk_is_told_and_what_was_written_stays(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    migrate(engine)
    meta = Meta(engine)
    meta.put("before", "kept")
    with reading(engine) as connection:
        connection.execute(text("PRAGMA max_page_count = 60"))
    with pytest.raises(StorageError) as full:
        meta.put("large", "x" * 1_000_000)
    assert "Free some disk space" in full.value.mend
    assert meta.get("before") == "kept"
    engine.dispose()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs resource limits")
def test_a_file_size_limit_is_told(tmp_path):
    setup = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))"
    mend = _run(_REPORT.format(setup=setup), str(tmp_path / "shop.db")).stdout
    assert "Free some disk space" in mend
    engine = open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    assert Meta(engine).get("k0") is not None
    engine.dispose()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX permissions")
def test_a_read_only_folder_is_told():
    folder = Path(tempfile.mkdtemp())  # tmp_path is closed to other users, and root may write everywhere
    try:
        folder.chmod(0o555)
        setup = "import os; os.getuid() == 0 and os.setuid(65534)"
        mend = _run(_REPORT.format(setup=setup), str(folder / "shop.db")).stdout
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)
    assert "this user may write" in mend


def test_a_store_opened_read_only_is_told(tmp_path):
    path = tmp_path / "shop.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    engine = open_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(StorageError) as refused:
        Meta(engine).put("key", "value")
    assert "writable" in refused.value.mend
    engine.dispose()


def test_a_held_lock_is_told(tmp_path, monkeypatch):
    engine = open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    migrate(engine)
    with reading(engine) as connection:
        connection.execute(text("PRAGMA busy_timeout = 10"))
    holder = sqlite3.connect(tmp_path / "shop.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError) as locked, writing(engine):
        pass
    assert "write lock" in locked.value.mend
    holder.close()
    engine.dispose()


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "shop.db").write_bytes(b"this is not a database at all, " * 200)
    engine = open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    with pytest.raises(StorageError) as refused:
        migrate(engine)
    assert "restore" in refused.value.mend
    engine.dispose()


def test_a_missing_folder_is_told(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'nowhere' / 'shop.db'}")
    for ask in (migrate, lambda engine: fetch(engine, "SELECT 1", ())):
        with pytest.raises(StorageError) as refused:
            ask(engine)
        assert "folder exists" in refused.value.mend
    engine.dispose()


def _run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
