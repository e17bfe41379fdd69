"""Content vectors of the catalogue's products: those of the index, and of what it lacks by the shop's own encoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from openaisle.catalog.product import Product
from openaisle.indexing.texts import encoded_text
from openaisle.models.protocol import Encoder
from openaisle.recommend.interactions import Mask
from openaisle.recommend.methods.content import Vectors
from openaisle.recommend.scores import Values

_AT_ONCE = 1024

Told = Callable[[int, int], None]
Indexed = Callable[[Sequence[str]], Values | None]
"""Vectors that were made when products were indexed, `(ids, dimensions)`, rows of NaN for products that have none; None
where they are not this encoder's."""


class Catalogue(Protocol):
    """The part of the catalogue that is needed here."""

    def get_many(self, ids: Sequence[str]) -> Mapping[str, Product]: ...


def nothing_indexed(ids: Sequence[str]) -> None:
    """No index to take vectors from."""


def vectors_of(
    catalogue: Catalogue, encoder: Encoder, fields: Sequence[str], tell: Told, indexed: Indexed = nothing_indexed
) -> Vectors:
    """A function from ids to unit vectors; products that the catalogue lacks get zeros. `tell` is told how many are
    done, and of how many."""

    def vectors(ids: Sequence[str]) -> Values:
        made = np.zeros((len(ids), encoder.identity.dimensions), np.float32)
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            found = _unit_rows(indexed(part), made[start : start + _AT_ONCE])
            products = catalogue.get_many([id for id, known in zip(part, found, strict=True) if not known])
            rows = [row for row, id in enumerate(part) if id in products]
            texts = [encoded_text(products[part[row]], fields) for row in rows]
            if texts:
                made[start + np.array(rows)] = encoder.encode_documents(texts)
            tell(min(len(ids), start + _AT_ONCE), len(ids))
        return made

    return vectors


def _unit_rows(vectors: Values | None, into: Values) -> Mask:
    """Write what there is of `vectors` as unit vectors; tells which rows were written."""
    if vectors is None or vectors.shape != into.shape:
        return np.zeros(len(into), bool)
    lengths = np.linalg.norm(vectors, axis=1)
    known: Mask = lengths > 0  # not NaN either
    into[known] = vectors[known] / lengths[known, None]
    return known
