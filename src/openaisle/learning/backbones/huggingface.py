"""Encoders in a Hugging Face folder or on a hub: safetensors only, the model's own code never run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn
from transformers import AutoConfig, AutoModel, AutoTokenizer

from openaisle.errors import ModelError
from openaisle.learning.backbones.backbone import FILE, Backbone
from openaisle.learning.backbones.finish import load_finish
from openaisle.learning.backbones.quiet import quiet
from openaisle.models.manifest import PICKLES

_DROPOUTS = (
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "dropout",
    "attention_dropout",
    "embedding_dropout",
    "mlp_dropout",
)


def open_folder(folder: Path, max_tokens: int, dropout: float | None) -> Backbone:
    """Raises `ModelError` for a folder that is foreign, damaged, or holds its weights pickled."""
    _refuse_foreign(folder)
    stated = _read(folder / FILE)
    prompts = _read(folder / "config_sentence_transformers.json").get("prompts") or {}
    return Backbone(
        _model(str(folder), dropout),
        _tokenizer(str(folder), max_tokens),
        str(stated.get("name", folder.resolve().name)),
        str(stated.get("licence") or _licence(folder / "README.md")),
        max_tokens,
        str(stated.get("query_prefix", prompts.get("query") or "")),
        str(stated.get("document_prefix", prompts.get("document") or prompts.get("passage") or "")),
        load_finish(folder),
        folder,
    )


def open_hub(name: str, max_tokens: int, dropout: float | None) -> Backbone:
    """The model called `name` in the local cache or on the hub. Raises `ModelError` when it is in neither."""
    model, tokenizer = _model(name, dropout), _tokenizer(name, max_tokens)
    prompts = _read(_cached(name, "config_sentence_transformers.json")).get("prompts") or {}
    return Backbone(
        model,
        tokenizer,
        name,
        _licence(_cached(name, "README.md")),
        max_tokens,
        str(prompts.get("query") or ""),
        str(prompts.get("document") or prompts.get("passage") or ""),
    )


def _refuse_foreign(folder: Path) -> None:
    names = [path.name for path in folder.iterdir()]
    if not any(name.endswith(".safetensors") for name in names):
        if any(name.endswith(PICKLES) for name in names):
            raise ModelError(
                f"{folder} holds pickled weights, which can run code when they are loaded, so they never are.",
                "Convert them to safetensors where you trust them (save_pretrained writes model.safetensors).",
            )
        raise ModelError(f"{folder} holds no weights (*.safetensors).", _MEND)
    if "config.json" not in names:
        raise ModelError(f"{folder} has no config.json.", _MEND)


_MEND = "Give a folder as save_pretrained writes it: config.json, model.safetensors and the tokenizer's files."


def _model(name: str, dropout: float | None) -> nn.Module:
    try:
        with quiet():
            config = AutoConfig.from_pretrained(name, trust_remote_code=False)
            _set_dropout(config, dropout)
            model: Any = AutoModel.from_pretrained(name, config=config, trust_remote_code=False, use_safetensors=True)
    except Exception as error:  # the hub, the disk and the libraries fail in many ways
        raise _unusable(name, error) from error
    if getattr(config, "is_encoder_decoder", False):
        raise ModelError(f"{name} is an encoder-decoder.", "Use an encoder of the BERT or RoBERTa family.")
    # heads pool themselves; a pooler would be weights that no loss reaches
    if getattr(model, "pooler", None) is not None:
        model.pooler = None
    encoder: nn.Module = model.float()
    return encoder


def _set_dropout(config: Any, dropout: float | None) -> None:
    for name in _DROPOUTS:
        if dropout is not None and hasattr(config, name):
            setattr(config, name, dropout)


def _tokenizer(name: str, max_tokens: int) -> Any:
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False, model_max_length=max_tokens)
    except Exception as error:  # as above
        raise _unusable(name, error) from error
    if not tokenizer.is_fast:
        raise ModelError(f"{name} has no fast tokenizer (tokenizer.json).", _MEND)
    if tokenizer.pad_token_id is None:
        raise ModelError(f"The tokenizer of {name} has no padding token.", _MEND)
    return tokenizer


def _unusable(name: str, error: Exception) -> ModelError:
    if Path(name).is_dir():
        return ModelError(f"The model in {name} cannot be opened: {_first_line(error)}.", _MEND)
    if isinstance(error, OSError):
        return ModelError(
            f"There is no model {name} here and no hub that has it can be reached.",
            "Check the name, or give a folder with config.json, model.safetensors and tokenizer.json.",
        )
    return ModelError(f"The model {name} cannot be used: {_first_line(error)}.", _MEND)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")


def _cached(name: str, file: str) -> Path | None:
    """Where a small file of a hub's model lies once fetched; None when the model has none."""
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(name, file))
    except Exception:  # a model without a card or prompts is still a model
        return None


def _read(path: Path | None) -> Mapping[str, Any]:
    if path is None or not path.exists():
        return {}
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}.", _MEND) from None
    return values if isinstance(values, dict) else {}


def _licence(card: Path | None) -> str:
    """What the model card's front matter states."""
    from huggingface_hub import ModelCard

    if card is None or not card.exists():
        return "unknown"
    try:
        return str(ModelCard.load(card).data.license or "unknown")
    except Exception:  # a card that does not parse states nothing
        return "unknown"
