"""MLflow: a server's address, a database's, or a folder, which then holds a database and the files."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException

from openaisle.errors import RecipeError
from openaisle.learning.recipe import Recipe
from openaisle.learning.recipe.stating import as_dict

_NO_NAME = re.compile(r"[^\w/. -]")
"""Characters that MLflow refuses in the name of a metric, such as the @ of ndcg@10."""

_LONGEST_PARAMETER = 500


class MLflow:
    """One run in the experiment of the model's name. Uses the client alone: no state of the process is changed."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)  # it tells of every table that it makes
        address, files = place(recipe.tracking.mlflow)
        self._client = _client(address)
        experiment = self._client.get_experiment_by_name(recipe.name)
        found = experiment.experiment_id if experiment else self._client.create_experiment(recipe.name, files)
        self._run = self._client.create_run(found, run_name=folder.name).info.run_id
        flat = [Param(name, str(value)[:_LONGEST_PARAMETER]) for name, value in _flat(as_dict(recipe))]
        self._client.log_batch(self._run, params=flat)

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        now = int(time.time() * 1000)
        metrics = [Metric(_NO_NAME.sub("_", name), value, now, step) for name, value in values.items()]
        self._client.log_batch(self._run, metrics)

    def close(self) -> None:
        self._client.set_terminated(self._run)


def place(stated: str) -> tuple[str, str | None]:
    """The address of the store, and of its files where the store does not decide on them."""
    if "://" in stated:
        return stated, None
    folder = Path(stated).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'mlflow.db'}", (folder / "files").as_uri()


def _client(address: str) -> MlflowClient:
    try:
        return MlflowClient(tracking_uri=address)
    except MlflowException as error:
        raise RecipeError(
            f"tracking.mlflow cannot be {address}: {str(error).splitlines()[0]}",
            "Set it to a folder, or the address of a server.",
        ) from error


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
