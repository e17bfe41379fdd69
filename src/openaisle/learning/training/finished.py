"""A finished training on disk, so that what comes after it (comparing, exporting) can be done again without
training, and so that worker processes can hand over what they made.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from openaisle.errors import TrainingError
from openaisle.learning.heads.protocol import Head
from openaisle.learning.training.run import Trained

FIGURES = "training.json"
_ADDED = ("added.json", "added.safetensors")
_KEPT = tuple(field.name for field in fields(Trained) if field.name not in ("head", "save_added"))


def write_trained(trained: Trained, folder: Path) -> None:
    """Write the head and the training's figures; a folder without the figures is not whole."""
    shutil.rmtree(folder, ignore_errors=True)
    trained.save(folder)
    told = {name: getattr(trained, name) for name in _KEPT}
    unfinished = folder / f"{FIGURES}.tmp"
    unfinished.write_text(json.dumps(told), encoding="utf-8")
    unfinished.replace(folder / FIGURES)


def is_finished(folder: Path) -> bool:
    return (folder / FIGURES).is_file()


def read_trained(folder: Path, open_head: Callable[[Path], Head]) -> Trained:
    """What `write_trained` wrote. Raises `TrainingError` where it is damaged, and what `open_head` raises."""
    try:
        told: dict[str, Any] = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
        figures = {name: told[name] for name in _KEPT}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            f"The finished training in {folder} cannot be read: {error}.", "Train again, without --resume."
        ) from error
    figures["history"] = tuple(figures["history"])
    return Trained(head=open_head(folder), save_added=partial(_copy_added, folder), **figures)


def _copy_added(source: Path, folder: Path) -> None:
    for name in _ADDED:
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)
