"""Weights that no plain model has room for, beside it: added.json says what they are, added.safetensors has them."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from openaisle.errors import ModelError
from openaisle.learning.trainable.trained import Sizes, SizesLike

_WHAT, _WEIGHTS = "added.json", "added.safetensors"
_FOLDED_NEVER = ("adapter", "prefix", "prompt")


def save_added(what: str, sizes: SizesLike, module: nn.Module, folds: bool, folder: Path) -> None:
    """Write what was added to the backbone of `module` into `folder`; nothing where it folds into the weights."""
    if folds:
        return
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.detach().contiguous() for name, value in _added(module).items()}, folder / _WEIGHTS)
    stated = {"what": what, "virtual_tokens": sizes.virtual_tokens, "bottleneck": sizes.bottleneck}
    (folder / _WHAT).write_text(json.dumps(stated, indent=2) + "\n", encoding="utf-8")


def restore(module: nn.Module, backbone: nn.Module, folder: Path) -> bool:
    """Put back what `save_added` wrote, into a fresh module on the same pretrained weights; False where it wrote none.

    Raises `ModelError` when the files are damaged or of another model.
    """
    from openaisle.learning.trainable.apply import apply

    if not (folder / _WHAT).exists():
        return False
    try:
        stated = json.loads((folder / _WHAT).read_text(encoding="utf-8"))
        sizes = Sizes(virtual_tokens=int(stated["virtual_tokens"]), bottleneck=int(stated["bottleneck"]))
        weights = load_file(folder / _WEIGHTS)
        what = str(stated["what"])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ModelError(f"The added weights in {folder} cannot be read: {error}.", _MEND) from error
    if what not in _FOLDED_NEVER:
        raise ModelError(f"{folder / _WHAT} speaks of {what!r}, which is nothing that is added.", _MEND)
    apply(what, module, backbone, learning_rate=0, total_steps=1, sizes=sizes)
    _fill(module, weights, folder)
    return True


_MEND = "Train again, or take another version of the model."


def _fill(module: nn.Module, weights: dict[str, Tensor], folder: Path) -> None:
    added = _added(module)
    if {name: value.shape for name, value in added.items()} != {name: value.shape for name, value in weights.items()}:
        raise ModelError(f"The added weights in {folder} are of another model.", _MEND)
    for name, value in weights.items():
        added[name].data.copy_(value)


def _added(module: nn.Module) -> dict[str, nn.Parameter]:
    """The adapters, prefixes and prompts inside `module`, by name."""
    return {
        name: parameter
        for name, parameter in module.named_parameters()
        if ".adapter." in name or ".prompt_encoder." in name
    }
