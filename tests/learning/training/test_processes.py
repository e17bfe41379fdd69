"""Trainings in processes of their own: shared by two, killed and resumed, and what they say when they fail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from openaisle.errors import TrainingDiverged, TrainingError
from openaisle.learning.data import data_set
from openaisle.learning.examples import DataSet, Labelled
from openaisle.learning.recipe import Recipe, recipe_of
from openaisle.learning.training import run_training
from openaisle.learning.training.checkpoints import last_whole
from openaisle.learning.training.finished import is_finished, read_trained
from openaisle.learning.training.job import Job, read_job, write_job
from openaisle.learning.training.opening import begin, open_finished
from openaisle.learning.training.processes import process_count, report_failure, run_workers

_LABELS = (("kettle", "electric kettle of steel"), ("shoe", "running shoes for trails"), ("lamp", "desk lamp, dimmed"))


def silent(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody listens to."""


def examples(count: int = 96) -> DataSet:
    made = [Labelled(f"{text} {number}", (label,)) for number in range(count // 3) for label, text in _LABELS]
    return data_set(made, made[:12], [])


def recipe(base: Path, **train: object) -> Recipe:
    stated = {
        "name": "kinds",
        "task": "classify",
        "base": str(base),
        "data": {"source": "labelled", "path": "texts.csv"},
        "model": {"dropout": 0.0, "max_tokens": 24},
        "train": {"epochs": 3, "batch_size": 16, "learning_rate": 1e-3, **train},
        "tracking": {"tensorboard": False},
    }
    return recipe_of(stated, base)


def written(folder: Path, wanted: Recipe, data: DataSet) -> Job:
    folder.mkdir()
    job = Job(wanted, data, folder)
    write_job(job)
    return job


def weights(module: torch.nn.Module) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in module.parameters()])


def test_a_job_is_read_as_it_was_written(tmp_path: Path, tiny_base: Path) -> None:
    job = written(tmp_path / "run", recipe(tiny_base), examples())
    assert read_job(job.folder) == job
    with pytest.raises(TrainingError, match="holds no training"):
        read_job(tmp_path)


def test_two_processes_give_the_result_of_one(tmp_path: Path, tiny_base: Path) -> None:
    wanted, data = recipe(tiny_base), examples()
    one = run_training(begin(wanted, data).head, data, wanted, tmp_path / "one", tell=silent, resume=False)
    job = written(tmp_path / "two", wanted, data)
    told: list[int] = []
    run_workers(job.folder, 2, lambda stage, done, total: told.append(done), resume=False)
    two = read_trained(job.trained, lambda folder: open_finished(wanted, folder))
    assert two.steps == one.steps == told[-1] == 18
    assert torch.allclose(weights(one.head.module), weights(two.head.module), atol=2e-3)
    assert two.head.measure(data.validation) == pytest.approx(one.head.measure(data.validation), abs=0.1)
    losses = [[entry["loss"] for entry in trained.history if "loss" in entry] for trained in (one, two)]
    assert losses[0] == pytest.approx(losses[1], abs=0.02)


def test_a_killed_training_resumes_to_the_same_result(tmp_path: Path, tiny_base: Path) -> None:
    wanted, data = recipe(tiny_base, epochs=12), examples()
    whole = run_training(begin(wanted, data).head, data, wanted, tmp_path / "whole", tell=silent, resume=False)
    job = written(tmp_path / "killed", wanted, data)
    _kill_after_a_checkpoint(job)
    assert not is_finished(job.trained)
    told: list[int] = []
    resumed = run_training(
        begin(wanted, data).head, data, wanted, job.folder, tell=lambda _, done, __: told.append(done), resume=True
    )
    assert told[0] > 0
    assert resumed.steps == whole.steps
    assert torch.allclose(weights(whole.head.module), weights(resumed.head.module), atol=1e-4)


def _kill_after_a_checkpoint(job: Job) -> None:
    command = [sys.executable, "-m", "openaisle.learning.training.worker", str(job.folder)]
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    patience = time.monotonic() + 120
    while last_whole(job.folder) is None and worker.poll() is None and time.monotonic() < patience:
        time.sleep(0.01)
    worker.send_signal(signal.SIGKILL)
    assert worker.wait() == -signal.SIGKILL
    assert last_whole(job.folder) is not None


def test_what_a_worker_raises_reaches_who_started_it(
    tmp_path: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker is another program here, which starts faster."""
    job = written(tmp_path / "run", recipe(tiny_base), examples())
    monkeypatch.setattr("openaisle.learning.training.processes.sys.executable", _failing(tmp_path))
    with pytest.raises(TrainingError, match="out of luck"):
        run_workers(job.folder, 2, silent, resume=False)

    def told_first(folder: Path) -> None:
        report_failure(folder, TrainingDiverged("The loss stopped being a number.", "Lower the rate."))

    monkeypatch.setattr("openaisle.learning.training.processes._listen", lambda workers, tell: told_first(job.folder))
    with pytest.raises(TrainingDiverged, match="stopped being a number"):
        run_workers(job.folder, 2, silent, resume=False)


def _failing(folder: Path) -> str:
    program = folder / "failing"
    program.write_text("#!/bin/sh\necho out of luck >&2\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def test_a_process_by_itself_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert process_count() == 1
    assert "RANK" not in os.environ
