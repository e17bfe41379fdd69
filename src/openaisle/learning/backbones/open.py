"""From a recipe's `base` to a backbone."""

from __future__ import annotations

from pathlib import Path

from openaisle.errors import ModelError
from openaisle.learning.backbones.backbone import Backbone
from openaisle.learning.backbones.layers import evenly, keep, layer_stack

_BAG = "bag:"


def open_backbone(name: str, *, max_tokens: int, dropout: float | None = None, layers: int | None = None) -> Backbone:
    """`starter`, a folder, or a Hugging Face name; in training mode, float32. `bag:` before any of them gives an
    untrained table for its pieces.

    `dropout` None keeps the model's own; `layers` keeps that many, evenly spaced up to the last. Raises `ModelError`
    when the model is not there, holds pickled weights, or cannot read `max_tokens` tokens.
    """
    backbone = _opened(name, max_tokens, dropout)
    if max_tokens > _longest(backbone):
        raise ModelError(
            f"{name} reads at most {_longest(backbone)} tokens, {max_tokens} are asked for.",
            "Lower max_tokens under [model].",
        )
    if layers:
        _keep(backbone, layers)
    backbone.model.train()
    return backbone


def _opened(name: str, max_tokens: int, dropout: float | None) -> Backbone:
    # the libraries take a second to import, which a mistyped recipe should not pay
    from openaisle.learning.backbones.huggingface import open_folder, open_hub
    from openaisle.learning.backbones.starter import open_starter

    if name.startswith(_BAG):
        return _new_bag(_opened(name.removeprefix(_BAG), max_tokens, dropout))
    folder = Path(name).expanduser()
    if name == "starter":
        return open_starter(max_tokens, dropout)
    if folder.is_dir():
        return open_folder(folder, max_tokens, dropout)
    if folder.is_absolute() or name.startswith((".", "~")):
        raise ModelError(f"There is no model folder {name}.", "Check `base` in the recipe.")
    return open_hub(name, max_tokens, dropout)


def _new_bag(pieces_of: Backbone) -> Backbone:
    """An untrained table for the pieces of another model; nothing else of that model is in it."""
    from openaisle.learning.backbones.bag import BagConfig, BagModel

    tokenizer = pieces_of.tokenizer
    model = BagModel(BagConfig(len(tokenizer), pad_token_id=tokenizer.pad_token_id))
    return Backbone(model, tokenizer, f"bag:{pieces_of.name}", pieces_of.licence, pieces_of.max_tokens)


def _longest(backbone: Backbone) -> int:
    config = backbone.config
    positions = int(getattr(config, "max_position_embeddings", 0) or 1 << 30)
    # the RoBERTa family counts positions from behind the padding's id
    offset = int(config.pad_token_id) + 1 if config.model_type in ("roberta", "xlm-roberta", "camembert") else 0
    return positions - offset


def _keep(backbone: Backbone, kept: int) -> None:
    count = len(layer_stack(backbone.model))
    if kept > count:
        raise ModelError(f"{backbone.name} has {count} layers, {kept} are asked for.", "Lower layers.")
    keep(backbone.model, evenly(count, kept))
