"""A head's own files beside its backbone's: head.json says what it is, head.safetensors holds what the task added."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from openaisle.errors import ModelError

STATED = "head.json"
WEIGHTS = "head.safetensors"
_NOT_THE_HEADS = ("backbone.", "finish.", "loss.")
_OPTIONAL = ("chain.", "grams.")
"""What one training asks for and the next may not."""


def save_head(folder: Path, module: nn.Module, stated: Mapping[str, Any]) -> None:
    """Write both files. `stated` must be JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    own = {name: tensor.contiguous() for name, tensor in _own(module).items()}
    (folder / WEIGHTS).unlink(missing_ok=True)
    if own:
        save_file(own, folder / WEIGHTS)
    (folder / STATED).write_text(json.dumps(stated, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_stated(folder: Path) -> dict[str, Any]:
    """What head.json says. Raises `ModelError` when there is none or it cannot be read."""
    path = folder / STATED
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ModelError(f"{folder} holds no trained head ({STATED}).", _MEND) from None
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}.", _MEND) from None
    if not isinstance(stated, dict) or not isinstance(stated.get("task"), str):
        raise ModelError(f"{path} names no task.", _MEND)
    return stated


def load_weights(folder: Path, module: nn.Module) -> None:
    """Fill in what the task added. Raises `ModelError` when the file and the head do not fit."""
    _fill(module, _held(folder), _own(module), folder)


def go_on_from(folder: Path | None, module: nn.Module, stated: Mapping[str, Any]) -> None:
    """Begin where the head in `folder` stopped, if it is one of the same task and labels; else leave the head new."""
    if folder is not None and holds_head(folder, stated):
        found, own = _held(folder), _own(module)
        _fill(module, _shared_or_needed(found, own), _shared_or_needed(own, found), folder)


def holds_head(folder: Path | None, stated: Mapping[str, Any]) -> bool:
    """Whether a head of the same task and labels lies in `folder`."""
    if folder is None or not (folder / STATED).exists():
        return False
    before = read_stated(folder)
    return all(before.get(key) == stated.get(key) for key in ("task", "labels", "dimensions"))


_MEND = "Give a folder that a training wrote (weights/ of a version)."


def _held(folder: Path) -> dict[str, Tensor]:
    path = folder / WEIGHTS
    try:
        return load_file(path) if path.exists() else {}
    except SafetensorError as error:
        raise ModelError(f"{path} is damaged: {error}.", _MEND) from None


def _own(module: nn.Module) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in module.state_dict().items() if not name.startswith(_NOT_THE_HEADS)}


def _shared_or_needed(tensors: Mapping[str, Tensor], others: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Without what only one of two trainings asks for: the other one goes on all the same."""
    return {name: tensor for name, tensor in tensors.items() if name in others or not name.startswith(_OPTIONAL)}


def _fill(module: nn.Module, found: Mapping[str, Tensor], wanted: Mapping[str, Tensor], folder: Path) -> None:
    if _shapes(found) != _shapes(wanted):
        raise ModelError(f"{folder / WEIGHTS} does not hold the weights that {STATED} promises.", _MEND)
    module.load_state_dict(found, strict=False)


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}
