from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fake import FakeHead, examples, recipe, silent
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from openaisle.errors import MissingExtra
from openaisle.learning.recipe import TrackingRecipe
from openaisle.learning.training import run_training
from openaisle.learning.training.tracking import open_trackers

# wandb's and mlflow's own models and clients, not ours
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")


def test_tensorboard_has_losses_and_validation(tmp_path: Path) -> None:
    run_training(FakeHead(), examples(), recipe(), tmp_path, tell=silent, resume=False)
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert {"train/loss", "train/learning_rate", "validation/accuracy"} <= set(events.Tags()["scalars"])
    assert [point.step for point in events.Scalars("validation/accuracy")] == [0, 8, 16, 24, 32]


def test_wandb_writes_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wandb = pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    tracked = replace(recipe(), tracking=TrackingRecipe(tensorboard=False, wandb="shop"))
    run_training(FakeHead(), examples(), tracked, tmp_path, tell=silent, resume=False)
    wandb.teardown()  # a finished run is flushed by a process of its own, for which only this waits
    (log,) = tmp_path.glob("wandb/offline-run-*/*.wandb")
    assert b"validation/accuracy" in log.read_bytes()


def test_mlflow_writes_into_a_folder(tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    store = tmp_path / "store"
    tracked = replace(recipe(), tracking=TrackingRecipe(tensorboard=False, mlflow=str(store)))
    run_training(FakeHead(), examples(), tracked, tmp_path / "run", tell=silent, resume=False)
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{store / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("kinds")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.params["train.optimizer"] == "adamw"
    assert run.data.metrics["validation/accuracy"] == 1.0
    assert run.info.status == "FINISHED"


def test_a_tracker_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openaisle.learning.training.tracking.open.find_spec", lambda name: None)
    tracked = replace(recipe(), tracking=TrackingRecipe(mlflow="store"))
    with pytest.raises(MissingExtra, match="MLflow") as caught:
        open_trackers(tracked, tmp_path)
    assert "pip install mlflow" in caught.value.mend
