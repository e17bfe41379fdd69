"""Content vectors of the catalogue's products, by the shop's own encoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from openaisle.catalog.product import Product
from openaisle.indexing.texts import encoded_text
from openaisle.models.protocol import Encoder
from openaisle.recommend.methods.content import Vectors
from openaisle.recommend.scores import Values

_AT_ONCE = 1024

Told = Callable[[int, int], None]


class Catalogue(Protocol):
    """The part of the catalogue that is needed here."""

    def get_many(self, ids: Sequence[str]) -> Mapping[str, Product]: ...


def vectors_of(catalogue: Catalogue, encoder: Encoder, fields: Sequence[str], tell: Told) -> Vectors:
    """A function from ids to unit vectors; products that the catalogue lacks get zeros. `tell` is told how many are
    done, and of how many."""

    def vectors(ids: Sequence[str]) -> Values:
        made = np.zeros((len(ids), encoder.identity.dimensions), np.float32)
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            products = catalogue.get_many(part)
            rows = [row for row, id in enumerate(part) if id in products]
            texts = [encoded_text(products[part[row]], fields) for row in rows]
            if texts:
                made[start + np.array(rows)] = encoder.encode_documents(texts)
            tell(min(len(ids), start + _AT_ONCE), len(ids))
        return made

    return vectors
