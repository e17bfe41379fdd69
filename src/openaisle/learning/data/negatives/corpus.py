"""The texts that negatives are taken from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from openaisle.learning.data.keys import canonical, fraction
from openaisle.learning.data.shelf import Shelf

MOST = 100_000
"""Products that negatives are taken from: with the vectors of all, mining takes a few hundred megabytes at most."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts with their ids and what belongs together (variants of one product), all of one length."""

    ids: Sequence[str]
    texts: Sequence[str]
    groups: Sequence[str]
    _by_id: dict[str, int] = field(init=False, repr=False)
    _by_text: dict[str, list[int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_text: dict[str, list[int]] = {}
        for place, text in enumerate(self.texts):
            by_text.setdefault(canonical(text), []).append(place)
        object.__setattr__(self, "_by_id", {id_: place for place, id_ in enumerate(self.ids)})
        object.__setattr__(self, "_by_text", by_text)

    def __len__(self) -> int:
        return len(self.texts)

    def place(self, id_: str) -> int | None:
        """Where the text of this id stands; None where it is not among them."""
        return self._by_id.get(id_)

    def saying(self, text: str) -> Sequence[int]:
        """Where texts stand that say the same."""
        return self._by_text.get(canonical(text), ())


def corpus_of(shelf: Shelf, seed: int) -> Corpus:
    """The shop's products that have a text; beyond `MOST`, those that the seed draws."""
    rows = [(product.id, text, product.group) for product in shelf if (text := shelf.text(product))]
    if len(rows) > MOST:
        drawn = set(sorted((row[0] for row in rows), key=lambda id_: fraction("corpus", seed, id_))[:MOST])
        rows = [row for row in rows if row[0] in drawn]
    ids, texts, groups = zip(*rows, strict=True) if rows else ((), (), ())
    return Corpus(ids, texts, groups)
