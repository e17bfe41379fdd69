"""A recipe as plain values again: for lineage, trackers, worker processes, and the name of its run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from openaisle.learning.recipe.sections import Recipe


def as_dict(recipe: Recipe) -> dict[str, Any]:
    """Every key that is set, as JSON has them. Of paths the file's name alone: folders are nobody else's business."""
    return dict(_plain(asdict(recipe), lambda path: path.name))


def as_stated(recipe: Recipe) -> dict[str, Any]:
    """What `recipe_of` makes the same recipe of; paths whole."""
    return dict(_plain(asdict(recipe), str))


def run_name(recipe: Recipe) -> str:
    """The name of the run of this recipe: the same recipe is the same run, so that it can be resumed."""
    stated = {**as_stated(recipe), "tracking": {}, "gate": {}, "tune": {}}
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()[:12]


def _plain(value: Any, of_path: Callable[[Path], str]) -> Any:
    if isinstance(value, Path):
        return of_path(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner, of_path) for key, inner in value.items() if inner is not None}
    if isinstance(value, tuple):
        return [_plain(inner, of_path) for inner in value]
    return value
