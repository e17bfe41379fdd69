"""Leaving out the pieces of a vocabulary that a shop's text never needs: most of a multilingual model is its table.

Which pieces stay is told by their letters (`of_scripts`) or by texts (`of_texts`). The weights of those that stay are
unchanged, so a text whose pieces all stay has the vector it had (Abdaoui et al. 2020, "Load What You Need").
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from openaisle.errors import ModelError
from openaisle.learning.backbones import Backbone
from openaisle.learning.compression.tokenizer_state import kept_state

_MARKS = ("▁", "##")
"""How a piece says that it begins a word (unigram), or that it goes on one (wordpiece)."""
_OF_POSITIONS = ("roberta", "xlm-roberta", "camembert")
_CONFIGURED = ("pad_token_id", "bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id", "unk_token_id")
_TEXTS_AT_A_TIME = 4096


def of_scripts(tokenizer: Any, scripts: Collection[str]) -> list[int]:
    """Ids of the pieces spelt in these scripts, ascending. A script is named as in Unicode's character names: `LATIN`,
    `CJK`, `HIRAGANA`, `KATAKANA`, `HANGUL`, `CYRILLIC`, `GREEK`, `ARABIC`, `THAI` …; ASCII, digits and signs always
    stay."""
    wanted = frozenset(scripts)
    return sorted(id for piece, id in tokenizer.get_vocab().items() if _spelt_in(_letters(piece), wanted))


def of_texts(tokenizer: Any, texts: Sequence[str]) -> list[int]:
    """Ids of the pieces that these texts are split into, and of all pieces of one character that is ASCII or occurs in
    them, so that a new word is spelt out instead of lost; ascending."""
    seen: set[int] = set()
    for start in range(0, len(texts), _TEXTS_AT_A_TIME):
        part = list(texts[start : start + _TEXTS_AT_A_TIME])
        seen.update(id for ids in tokenizer(part, add_special_tokens=False)["input_ids"] for id in ids)
    pieces = tokenizer.convert_ids_to_tokens(sorted(seen))
    letters = {letter for text in texts for letter in text} | {letter for piece in pieces for letter in piece}
    single = (
        id
        for piece, id in tokenizer.get_vocab().items()
        if len(bare := _letters(piece)) <= 1 and (bare.isascii() or bare in letters)
    )
    return sorted(seen.union(single))


def trim(backbone: Backbone, ids: Collection[int]) -> Backbone:
    """The backbone with these pieces and the special ones, in their old order; its model is changed in place.

    Raises `ModelError` for a tokenizer that is neither unigram nor wordpiece.
    """
    tokenizer, rows = trimmed_tokenizer(backbone.tokenizer, ids)
    select_rows(backbone.model, rows, tokenizer)
    finish = None if backbone.finish is None else backbone.finish.select(rows)
    return replace(backbone, tokenizer=tokenizer, finish=finish)


def trimmed_tokenizer(tokenizer: Any, ids: Collection[int]) -> tuple[Any, Tensor]:
    """The tokenizer with fewer pieces, and for each of its ids the id it had: int64 (kept,)."""
    state, rows = kept_state(json.loads(tokenizer.backend_tokenizer.to_str()), ids)
    smaller = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=Tokenizer.from_str(json.dumps(state)),
        model_max_length=tokenizer.model_max_length,
        model_input_names=list(tokenizer.model_input_names),
        padding_side=tokenizer.padding_side,
        **tokenizer.special_tokens_map,
    )
    return smaller, torch.tensor(rows)


def select_rows(model: nn.Module, rows: Tensor, tokenizer: Any) -> None:
    """Leave these rows of the embedding table; the configuration follows. Raises `ModelError` where that would move
    the padding of a model that counts positions from it."""
    config: Any = model.config
    pad = tokenizer.pad_token_id
    if config.model_type in _OF_POSITIONS and pad != config.pad_token_id:
        raise ModelError(
            "The padding's id would move, from which this model counts positions.", "Keep the pieces before it, too."
        )
    transformer: Any = model
    old = transformer.get_input_embeddings()
    new = nn.Embedding(len(rows), old.embedding_dim, padding_idx=pad if old.padding_idx is not None else None)
    with torch.no_grad():
        new.weight.copy_(old.weight[rows.to(old.weight.device)])
    transformer.set_input_embeddings(new.to(old.weight.device, old.weight.dtype))
    config.vocab_size = len(rows)
    for name in _CONFIGURED:
        moved = getattr(tokenizer, name, None)
        if getattr(config, name, None) is not None and moved is not None:
            setattr(config, name, moved)


def _letters(piece: str) -> str:
    for mark in _MARKS:
        piece = piece.removeprefix(mark)
    return piece


def _spelt_in(letters: str, scripts: frozenset[str]) -> bool:
    return all(letter <= "~" or letter == "▁" or _script(letter) in scripts | {""} for letter in letters)


@lru_cache(maxsize=1 << 17)
def _script(letter: str) -> str:
    """The first word of the character's name; nothing for punctuation and symbols, which go with all scripts."""
    if unicodedata.category(letter)[0] in "PSNZ":
        return ""
    return unicodedata.name(letter, "?").partition(" ")[0]
