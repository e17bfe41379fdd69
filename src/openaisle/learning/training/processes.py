"""Several processes, and machines, for one training: torchrun starts them, accelerate joins their gradients."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

from openaisle import errors
from openaisle.errors import OpenAisleError, TrainingError

Tell = Callable[[str, int, int | None], None]

FAILURE = "failure.json"
"""Where a worker says in its run's folder why it ended."""

_LAST_LINES = 5


def process_count() -> int:
    """How many processes share the training that this one belongs to."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """Whether this process speaks for all of them."""
    return os.environ.get("RANK", "0") == "0"


def run_workers(run: Path, processes: int, tell: Tell, *, resume: bool) -> None:
    """Train in `processes` processes of this machine what `write_job` put into the folder `run`.

    Raises what a worker raised, or `TrainingError` where it was killed.
    """
    (run / FAILURE).unlink(missing_ok=True)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    command += ["-m", "openaisle.learning.training.worker", str(run), *(["--resume"] if resume else [])]
    with (
        (run / "workers.log").open("w", encoding="utf-8") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as workers,  # noqa: S603
    ):
        try:
            _listen(workers, tell)
        except BaseException:
            workers.terminate()
            raise
        status = workers.wait()
    if status != 0:
        raise _failure(run)


def _listen(workers: subprocess.Popen[str], tell: Tell) -> None:
    assert workers.stdout is not None
    for line in workers.stdout:
        told = _told(line)
        if told is not None:
            tell(*told)


def _told(line: str) -> tuple[str, int, int | None] | None:
    """Progress in a line of a worker; whatever else a library prints is none."""
    try:
        stage, done, total = json.loads(line)
    except (ValueError, TypeError):
        return None
    return str(stage), int(done), None if total is None else int(total)


def tell_parent(stage: str, done: int, total: int | None) -> None:
    """How a worker tells its progress."""
    if is_first():
        sys.stdout.write(json.dumps([stage, done, total]) + "\n")
        sys.stdout.flush()


def report_failure(run: Path, error: OpenAisleError) -> None:
    """Leave an error where the process that started the workers finds it."""
    (run / FAILURE).write_text(json.dumps(error.as_dict()), encoding="utf-8")


def _failure(run: Path) -> OpenAisleError:
    try:
        told = json.loads((run / FAILURE).read_text(encoding="utf-8"))
        kind = getattr(errors, told["type"])
        failure: OpenAisleError = kind(told["detail"], told["mend"])
        return failure
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return TrainingError(
            f"A worker process ended: {_last_words(run / 'workers.log')}",
            f"See {run / 'workers.log'}; go on with --resume.",
        )


def _last_words(log: Path) -> str:
    with log.open(encoding="utf-8", errors="replace") as lines:
        last = deque((line.strip() for line in lines if line.strip()), _LAST_LINES)
    return " / ".join(last) or "it said nothing."
