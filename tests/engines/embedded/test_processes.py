"""Several processes on one folder, and processes that are killed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from reading import answered
from writing import BUILT, open_index

from openaisle.errors import ShopLocked

HERE = Path(__file__).parent


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    first, chance, seen = 0, random.Random(7), 0
    for round_ in range(20):
        writer = start("writing.py", tmp_path, first)
        assert writer.stdout is not None
        for _ in range(1 + round_ % 2):  # however slow the machine is, some die after more than their first commit
            acknowledged = int(writer.stdout.readline())
        time.sleep(chance.uniform(0, 0.25))
        writer.kill()
        rest, errors = writer.communicate()
        assert not errors
        acknowledged = max([acknowledged, *map(int, rest.split())])
        engine = open_index(tmp_path)
        commit = answered(engine.snapshot())
        assert commit in (acknowledged, acknowledged + 1)  # it may have died before it could say so
        assert engine.sequence == commit
        first, seen = commit + 1, seen + commit - first
    assert seen > 20
    with open_index(tmp_path).writer() as last:
        last.commit(first)
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) <= 2  # the live one and the one before


def test_two_read_while_one_writes(tmp_path: Path) -> None:
    writer = start("writing.py", tmp_path, 0)
    assert writer.stdout is not None
    writer.stdout.readline()
    try:
        readers = [start("reading.py", tmp_path, 4) for _ in range(2)]
        for reader in readers:
            out, errors = reader.communicate()
            assert reader.returncode == 0, errors
            answers, commits = map(int, out.split())
            assert answers > commits > 3
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.communicate()


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    held = (
        "import sys; from pathlib import Path; from writing import BUILT, open_index;"
        f"writer = open_index(Path({str(tmp_path)!r})).rebuild(BUILT, 0); print('holds', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", held], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holds\n"
    try:
        with pytest.raises(ShopLocked, match=f"Process {holder.pid} is writing"):
            open_index(tmp_path).writer(patience=0.05)
    finally:
        holder.kill()
        holder.communicate()
    with open_index(tmp_path).rebuild(BUILT, 0) as writer:  # a dead process holds nothing
        writer.commit(1)
