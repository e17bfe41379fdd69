"""An import that is killed, twenty times: nothing that was acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from openaisle.events.log import EventLog
from openaisle.events.selection import Among
from openaisle.storage import migrate, open_engine, reading

KILLS = 20
LINES = 9_000
Program = subprocess.Popen[str]


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    command = [sys.executable, str(Path(__file__).parent / "killed.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def test_killed_twenty_times(program: Program, store_url: str, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    with file.open("w", encoding="utf-8") as out:
        for number in range(LINES):
            event = {"id": f"e{number}", "kind": "view", "time": 1_750_000_000_000 + number, "product_id": "mug"}
            out.write(json.dumps({**event, "shopper": f"s{number % 999}"}) + "\n")
    engine = open_engine(store_url)
    migrate(engine)
    log = EventLog(engine)
    chance = random.Random(8)
    most = 0
    for kill in range(KILLS):
        acknowledged, ended_by = imported(program, store_url, file, most + 100 * chance.randrange(1, 4), chance)
        assert ended_by == signal.SIGKILL
        most = max(most, acknowledged)
        stored = [event.id for event in log.read(among=Among.ALL)]
        assert len(stored) == len(set(stored))
        assert stored[:most] == [f"e{number}" for number in range(most)], kill
    assert most >= 100 * KILLS
    assert imported(program, store_url, file, LINES + 1, chance) == (LINES, 0)
    with reading(engine) as connection:
        counted = connection.execute(text("SELECT count(*), count(DISTINCT id), max(seq) FROM events")).one()
    assert tuple(counted) == (LINES, LINES, LINES)
    engine.dispose()


def imported(program: Program, url: str, file: Path, kill_from: int, chance: random.Random) -> tuple[int, int]:
    """Have the file imported, by a process that is killed somewhat after it acknowledged so many lines.

    Returns how many lines it acknowledged until it was dead, and the signal that ended it.
    """
    assert program.stdin is not None
    assert program.stdout is not None
    print(url, file, sep="\t", file=program.stdin, flush=True)
    process, acknowledged, killed = int(program.stdout.readline()), 0, False
    for told in program.stdout:
        if told.startswith("ended by"):
            return acknowledged, int(told.split()[-1])
        acknowledged = int(told)
        if acknowledged >= kill_from and not killed:
            time.sleep(chance.random() * 0.004)  # so that it dies at any point of its next transaction
            os.kill(process, signal.SIGKILL)
            killed = True
    raise AssertionError("the program died")
