"""Checkpoints on disk: which one is whole, and the weights in it, as safetensors only.

Beside the weights, Trainer keeps optimizer.pt, scheduler.pt and rng_state.pth, and reads them with torch's
`weights_only` unpickler, which makes tensors and plain values and runs no code. They are read from the run's own folder
in the shop only, never from a model that came from elsewhere, and they go when the training is done.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from safetensors.torch import load_model, save_model
from torch import nn

WEIGHTS = "model.safetensors"
_STATE = "trainer_state.json"
_NAME = re.compile(r"checkpoint-([0-9]+)")


def last_whole(folder: Path) -> Path | None:
    """The latest checkpoint that was written to its end: Trainer writes its state last."""
    numbered = [(int(match[1]), path) for path in folder.glob("checkpoint-*") if (match := _NAME.fullmatch(path.name))]
    for _, path in sorted(numbered, reverse=True):
        if _is_whole(path):
            return path
    return None


def _is_whole(checkpoint: Path) -> bool:
    try:
        state = json.loads((checkpoint / _STATE).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(state, dict) and (checkpoint / WEIGHTS).is_file()


def save_weights(module: nn.Module, folder: Path) -> None:
    """Write the weights; tensors that two layers share are written once."""
    folder.mkdir(parents=True, exist_ok=True)
    save_model(module, str(folder / WEIGHTS))


def load_weights(module: nn.Module, folder: Path) -> None:
    """Read the weights back into the module that they were saved from."""
    load_model(module, str(folder / WEIGHTS))
