"""The JSON of a `tokenizers` tokenizer with fewer pieces: every id in it is renumbered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from openaisle.errors import ModelError

State = dict[str, Any]


def kept_state(state: State, ids: Collection[int]) -> tuple[State, list[int]]:
    """The state with these pieces and all special ones in their old order, and the old id of each new one.

    Raises `ModelError` for a model whose pieces depend on one another (merges) or are not known.
    """
    model = state["model"]
    if model["type"] not in ("Unigram", "WordPiece"):
        raise ModelError(
            f"The vocabulary of a {model['type']} tokenizer cannot be trimmed.",
            "Set vocabulary = false under [export].",
        )
    rows = sorted({*ids, *_needed(state)})
    new = {old: place for place, old in enumerate(rows)}
    return {
        **state,
        "model": _unigram(model, rows, new) if model["type"] == "Unigram" else _wordpiece(model, new),
        "added_tokens": [{**token, "id": new[token["id"]]} for token in state["added_tokens"]],
        "post_processor": _renumbered(state["post_processor"], new),
        "padding": None,
        "truncation": None,
    }, rows


def _needed(state: State) -> set[int]:
    """Special tokens, and what stands for a piece that is not there."""
    needed = {int(token["id"]) for token in state["added_tokens"]}
    model = state["model"]
    if model["type"] == "Unigram":
        return needed | ({model["unk_id"]} if model["unk_id"] is not None else set())
    return needed | {model["vocab"][model["unk_token"]]}


def _unigram(model: State, rows: list[int], new: Mapping[int, int]) -> State:
    unknown = None if model["unk_id"] is None else new[model["unk_id"]]
    pieces = model["vocab"]
    if rows[-1] >= len(pieces):
        raise ModelError(
            "Tokens were added behind this vocabulary, which cannot be trimmed.",
            "Set vocabulary = false under [export].",
        )
    return {**model, "vocab": [pieces[row] for row in rows], "unk_id": unknown}


def _wordpiece(model: State, new: Mapping[int, int]) -> State:
    return {**model, "vocab": {piece: new[id] for piece, id in model["vocab"].items() if id in new}}


def _renumbered(processor: Any, new: Mapping[int, int]) -> Any:
    """A post-processor with the ids of its special tokens renumbered, whichever of the three forms it has."""
    if not isinstance(processor, dict):
        return processor
    renumbered = dict(processor)
    if "processors" in processor:
        renumbered["processors"] = [_renumbered(part, new) for part in processor["processors"]]
    for name in ("sep", "cls"):
        if name in processor:
            token, id = processor[name]
            renumbered[name] = [token, new[id]]
    if "special_tokens" in processor:
        renumbered["special_tokens"] = {
            name: {**token, "ids": [new[id] for id in token["ids"]]}
            for name, token in processor["special_tokens"].items()
        }
    return renumbered
