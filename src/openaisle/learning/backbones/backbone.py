"""A pretrained model with all that a head must know of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from openaisle.learning.backbones.finish import Finish
from openaisle.learning.backbones.quiet import quiet

FILE = "backbone.json"


@dataclass(frozen=True, slots=True)
class Backbone:
    """`model` gives `last_hidden_state`, float32 (texts, tokens, width), from `input_ids` and `attention_mask`.

    `finish` is what its vectors go through after pooling, where the model has it. The prefixes are what the model was
    trained to see before a query and before a document. `licence` is `unknown` where none is stated.
    """

    model: nn.Module
    tokenizer: Any
    name: str
    licence: str
    max_tokens: int
    query_prefix: str = ""
    document_prefix: str = ""
    finish: Finish | None = None
    folder: Path | None = None
    """Where it was opened from, if that is a folder."""

    @property
    def width(self) -> int:
        return int(self.config.hidden_size)

    @property
    def dimensions(self) -> int:
        """Of finished vectors."""
        return self.width + (self.finish.added if self.finish is not None else 0)

    @property
    def config(self) -> Any:
        """The model's Hugging Face configuration."""
        return self.model.config

    def save(self, folder: Path) -> None:
        """config.json, model.safetensors, tokenizer files, and backbone.json; `open_backbone` opens it again."""
        folder.mkdir(parents=True, exist_ok=True)
        model: Any = self.model
        with quiet():
            model.save_pretrained(folder)
            self.tokenizer.save_pretrained(folder)
        if self.finish is not None:
            self.finish.save(folder)
        stated = {
            "name": self.name,
            "licence": self.licence,
            "query_prefix": self.query_prefix,
            "document_prefix": self.document_prefix,
        }
        (folder / FILE).write_text(json.dumps(stated, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
