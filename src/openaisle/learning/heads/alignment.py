"""Spans of characters as tags of tokens, and back: B-type where a span begins, I-type inside, O elsewhere.

A tokenizer may take several Han characters for one piece, across the border of a span; so before pieces are looked up
each Han character is made to stand alone, which the saved tokenizer.json says too.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from tokenizers import Regex
from tokenizers.pre_tokenizers import Sequence as Steps
from tokenizers.pre_tokenizers import Split

from openaisle.learning.examples import Span
from openaisle.learning.losses.cross_entropy import IGNORED

OUTSIDE = "O"
_HAN = "[\u3400-\u4dbf\u4e00-\u9fff]"
_MARKERS = "▁Ġ "
"""What tokenizers put where a word begins: a piece of nothing else stands for no character."""

Offsets = Sequence[tuple[int, int]]


def by_characters(tokenizer: Any) -> Any:
    """A copy of the Hugging Face tokenizer that never joins Han characters."""
    apart = copy.deepcopy(tokenizer)
    backend = apart.backend_tokenizer
    if _HAN not in backend.to_str():
        steps = [backend.pre_tokenizer] if backend.pre_tokenizer is not None else []
        backend.pre_tokenizer = Steps([*steps, Split(Regex(_HAN), "isolated")])
    return apart


def extents(text: str, tokens: Sequence[str], offsets: Offsets) -> list[tuple[int, int]]:
    """The characters that each token stands for, blanks at its ends left out; an empty extent where it stands for none
    (special tokens, markers)."""
    return [
        _trimmed(text, *offset) if token.strip(_MARKERS) else (0, 0)
        for token, offset in zip(tokens, offsets, strict=True)
    ]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    inside = text[start:end]
    left = len(inside) - len(inside.lstrip())
    return (start + left, start + left + len(inside.strip())) if inside.strip() else (0, 0)


def tags_of(spans: Sequence[Span], tokens: Offsets, numbers: dict[str, int]) -> list[int]:
    """The number of each token's tag; tokens that stand for no character are not judged."""
    tags, before = [], None
    for start, end in tokens:
        if start == end:
            tags.append(IGNORED)
            continue
        span = _covering(spans, start, end)
        tag = OUTSIDE if span is None else f"{'I' if span is before else 'B'}-{span.type}"
        tags.append(numbers[tag])
        before = span
    return tags


def _covering(spans: Sequence[Span], start: int, end: int) -> Span | None:
    """The span that shares most characters with these."""
    shared = [(min(end, span.end) - max(start, span.start), span) for span in spans]
    most = max(shared, key=lambda pair: pair[0], default=(0, None))
    return most[1] if most[0] > 0 else None


def spans_of(tags: Sequence[str], tokens: Offsets) -> tuple[Span, ...]:
    """The spans that tags mean. An I that follows nothing of its type begins a span."""
    return tuple(_spans(tags, tokens))


def _spans(tags: Sequence[str], tokens: Offsets) -> Iterator[Span]:
    open_: Span | None = None
    for tag, (start, end) in zip(tags, tokens, strict=True):
        if start == end:
            continue
        place, _, type_ = tag.partition("-")
        if open_ is not None and place == "I" and type_ == open_.type:
            open_ = Span(open_.start, end, type_)
            continue
        if open_ is not None:
            yield open_
        open_ = None if tag == OUTSIDE else Span(start, end, type_)
    if open_ is not None:
        yield open_
