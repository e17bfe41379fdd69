"""MLflow: a server's address, a database's, or a folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlflow import MlflowClient

from openaisle.learning.recipe import Recipe
from openaisle.learning.recipe.stating import as_dict

_NO_NAME = re.compile(r"[^\w/. -]")
"""Characters that MLflow refuses in the name of a metric, such as the @ of ndcg@10."""

_LONGEST_PARAMETER = 500


class MLflow:
    """One run in the experiment of the model's name. Uses the client alone: no state of the process is changed."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        self._client = MlflowClient(tracking_uri=_address(recipe.tracking.mlflow))
        experiment = self._client.get_experiment_by_name(recipe.name)
        found = experiment.experiment_id if experiment else self._client.create_experiment(recipe.name)
        self._run = self._client.create_run(found, run_name=folder.name).info.run_id
        for name, value in _flat(as_dict(recipe)):
            self._client.log_param(self._run, name, str(value)[:_LONGEST_PARAMETER])

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._client.log_metric(self._run, _NO_NAME.sub("_", name), value, step=step)

    def close(self) -> None:
        self._client.set_terminated(self._run)


def _address(stated: str) -> str:
    return stated if "://" in stated else Path(stated).expanduser().resolve().as_uri()


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
