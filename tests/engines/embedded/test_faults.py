"""Damaged files, full disks, folders that cannot be written to, and what crashed writers leave."""

from __future__ import annotations

import gc
import json
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from reading import answered
from writing import BUILT, DIMENSIONS, expected, open_index, stated

from openaisle.engines.embedded.engine import EmbeddedEngine
from openaisle.engines.embedded.generations import LAST
from openaisle.errors import IndexCorrupt, IndexMismatch, StorageError

HERE = Path(__file__).parent


def commit(engine: EmbeddedEngine, number: int, fresh: bool = False) -> None:
    with engine.rebuild(BUILT, DIMENSIONS) if fresh else engine.writer() as writer:
        for id in sorted(expected(number)):
            writer.upsert(stated(id, number))
        writer.delete(f"added{number - 1}")
        writer.commit(number)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index with deletions and patched columns beside its first segment."""
    engine = open_index(tmp_path / "index")
    commit(engine, 1, fresh=True)
    with engine.writer() as writer:
        for number in range(100):
            writer.upsert(stated(f"more{number}", 1))
        writer.commit(2)
    with engine.writer() as writer:
        writer.delete("more1")
        writer.patch("more2", {"brand": "patched"})
        writer.commit(3)
    return tmp_path / "index"


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("LOCK"))


def read_everything(folder: Path) -> None:
    snapshot = open_index(folder).snapshot()
    snapshot.ids(snapshot.browse(None))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut short": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "foreign": lambda path: path.write_bytes(b'{"hello": [1, 2, 3]}' * 500),
    "missing": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_told_with_a_mend(folder: Path, damage: str) -> None:
    read_everything(folder)
    for file in files(folder):
        if (file.name, damage) == ("CURRENT", "missing"):
            continue  # that is an index which was never made
        if file.name == LAST:
            continue  # readers need no memory of removed generations
        copy = folder.parent / "damaged"
        shutil.copytree(folder, copy)
        DAMAGES[damage](copy / file.relative_to(folder))
        with pytest.raises((IndexCorrupt, IndexMismatch)) as caught:
            read_everything(copy)
        assert "openaisle reindex" in caught.value.mend, file
        shutil.rmtree(copy)


def test_a_damaged_index_can_be_rebuilt(folder: Path) -> None:
    for file in files(folder):
        file.write_bytes(b"damaged")
    engine = open_index(folder)
    with pytest.raises(IndexCorrupt):
        engine.snapshot()
    commit(engine, 9, fresh=True)
    assert answered(engine.snapshot()) == 9
    assert answered(open_index(folder).snapshot()) == 9


def test_an_index_of_another_format_is_told(folder: Path) -> None:
    manifest = next(folder.rglob("manifest.json"))
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 99}))
    with pytest.raises(IndexMismatch, match="format 99"):
        read_everything(folder)


@contextmanager
def full_disk() -> Iterator[None]:
    """The system refuses to make any file larger than 2 KB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def many(engine: EmbeddedEngine, number: int) -> None:
    with engine.writer() as writer:
        for document in range(300):
            writer.upsert(stated(f"many{document}", number))
        writer.commit(number)


def test_a_full_disk_leaves_the_live_index(tmp_path: Path) -> None:
    engine = open_index(tmp_path)
    commit(engine, 1, fresh=True)
    with full_disk(), pytest.raises(StorageError) as caught:
        many(engine, 2)
    assert "disk space" in caught.value.mend
    assert answered(engine.snapshot()) == 1
    assert answered(open_index(tmp_path).snapshot()) == 1
    commit(engine, 2)
    assert answered(engine.snapshot()) == 2
    generation = tmp_path / engine.generation
    named = {segment["name"] for segment in json.loads((generation / "manifest.json").read_text())["segments"]}
    assert {path.name for path in generation.iterdir() if path.is_dir()} == named


READ_ONLY = """
import mmap, os, sys  # what is imported later could be out of reach by then
from pathlib import Path
from reading import answered
from writing import open_index
from openaisle.errors import StorageError
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)  # permissions bind everyone but root
engine = open_index(Path(sys.argv[1]))
print(answered(engine.snapshot()))
for write in (engine.writer, lambda: engine.rebuild(engine.built_with, 4)):
    try:
        write()
    except StorageError as error:
        print("refused:", error.mend)
"""


def test_a_read_only_folder_can_be_read() -> None:
    with tempfile.TemporaryDirectory() as parent:  # pytest's own folders are closed to other users
        Path(parent).chmod(0o755)
        folder = Path(parent) / "index"
        commit(open_index(folder), 1, fresh=True)
        for path in (*folder.rglob("*"), folder):
            path.chmod(0o555 if path.is_dir() else 0o444)
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(folder)], cwd=HERE, capture_output=True, text=True, check=False
        )
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert done.stderr == ""
    refused = "refused: Make the shop's folder and its files writable for this user."
    assert done.stdout.splitlines() == ["1", refused, refused]


def test_what_crashed_writers_left_is_removed(tmp_path: Path) -> None:
    engine = open_index(tmp_path)
    commit(engine, 1, fresh=True)
    live = tmp_path / engine.generation
    (live / "000077").mkdir()
    (live / "000077" / "postings.arrays.tmp").write_bytes(b"half")
    unfinished = tmp_path / "000009"
    shutil.copytree(live, unfinished)  # written whole, never made live
    commit(engine, 2)
    assert not unfinished.exists()
    assert not (live / "000077").exists()
    assert answered(engine.snapshot()) == 2


def test_segments_stay_few_under_many_small_commits(tmp_path: Path) -> None:
    engine = open_index(tmp_path)
    with engine.rebuild(BUILT, DIMENSIONS) as writer:
        for number in range(2_000):
            writer.upsert(stated(f"p{number}", 0))
        writer.commit(1)
    most = 0
    for number in range(300):
        with engine.writer() as writer:
            writer.upsert(stated(f"p{number * 5}", 0))
            writer.commit(2 + number)
        segments = [path for path in (tmp_path / engine.generation).iterdir() if path.is_dir()]
        most = max(most, len(segments))
    assert most <= 8
    assert engine.snapshot().documents == 2_000
    assert len(np.unique(engine.snapshot().find([f"p{number}" for number in range(2_000)]))) == 2_000
    assert sum(path.name.startswith(("deleted", "columns")) for path in files(tmp_path)) <= 2 * most


def open_files() -> int:
    """0 where the system does not tell."""
    listing = Path("/proc/self/fd")
    return sum(1 for _ in listing.iterdir()) if listing.exists() else 0


def test_writing_waits_for_no_reader(tmp_path: Path) -> None:
    engine = open_index(tmp_path)
    commit(engine, 1, fresh=True)
    old = engine.snapshot()
    gc.collect()  # what earlier tests left open is not to be counted
    descriptors = open_files()
    for number in range(2, 32):
        commit(engine, number, fresh=number % 3 == 0)
        assert answered(engine.snapshot()) == number
    assert answered(old) == 1
    # a file or so per part of a segment that is open, none for those that were replaced
    assert open_files() <= descriptors + 30
