"""Count the tokens that trimming changed: those of the full tokenizer that the trimmed one spells otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tokenizers import Tokenizer


def changed_share(full: Tokenizer, trimmed: Tokenizer, texts: Sequence[str]) -> float:
    """Changed tokens over all tokens of the full tokenizer, special ones left out."""
    total = sum(len(encoding.ids) for encoding in full.encode_batch(list(texts), add_special_tokens=False))
    return sum(changed_pieces(full, trimmed, texts).values()) / total


def changed_pieces(full: Tokenizer, trimmed: Tokenizer, texts: Sequence[str]) -> Counter[str]:
    """The full tokenizer's pieces that the trimmed one did not give, with how often."""
    result: Counter[str] = Counter()
    for before, after in zip(_pieces(full, texts), _pieces(trimmed, texts), strict=True):
        result += Counter(before) - Counter(after)
    return result


def _pieces(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[list[str]]:
    for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        yield [str(tokenizer.id_to_token(i)) for i in encoding.ids]
