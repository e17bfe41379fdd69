"""`openaisle serve` as a process of its own, and how to ask it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "openaisle", "serve"]


@contextmanager
def serving(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that serves, and its address, once it answers."""
    call = [*COMMAND, *map(str, arguments), "--port", "0"]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    assert process.stderr is not None
    assert process.stdout is not None
    log = Thread(target=process.stderr.read)  # a pipe that nobody reads fills up, and then the service waits
    try:
        told = re.search(r"http://\S+:\d+", process.stderr.readline())
        assert told is not None
        log.start()
        wait_for(told.group(), process)
        yield process, told.group()
    finally:
        end(process)
        if log.ident is not None:
            log.join()
        process.stderr.close()
        process.stdout.close()


def end(process: subprocess.Popen[str]) -> None:
    """Interrupted first, so that its workers end with it."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(address: str, process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        assert process.poll() is None
        try:
            urllib.request.urlopen(f"{address}/v1/health", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("it never answered")


def ask(address: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{address}/v1/search", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
