"""OpenAisle as a shopper meets it: the same index through the whole search pipeline, with filters as text, variants,
highlights and trace. The query's vector is at hand, as from its cache; products are not loaded from a store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import local

from bench.system import Answer, Filter, Vector
from bench.systems.openaisle import OpenAisle
from openaisle import SearchRequest
from openaisle.models.protocol import EncoderIdentity, Vectors
from openaisle.search.pipeline import SearchPipeline


class OpenAisleAnswer(OpenAisle):
    def open(self, folder: Path) -> None:
        super().open(folder)
        self._at_hand = AtHand(EncoderIdentity("bench", "1", 0, "", self._cosines))
        self._pipeline = SearchPipeline(self._engine, self._at_hand, _bodies, self._settings)

    def search(self, query: str, vector: Vector, k: int, filter: Filter | None, facets: Sequence[str]) -> Answer:
        self._at_hand.give(vector)
        request = SearchRequest(query, limit=k, filter=_text(filter), facets=tuple(facets))
        response = self._pipeline.search(request)
        return Answer([int(hit.id) for hit in response.hits], {name: dict(c) for name, c in response.facets.items()})


class AtHand:
    """An encoder that gives the vector it was just given, to the same thread."""

    def __init__(self, identity: EncoderIdentity) -> None:
        self.identity = identity
        self._own = local()

    def give(self, vector: Vector) -> None:
        self._own.vector = vector[None]

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._own.vector

    encode_documents = encode_queries


def _bodies(ids: Sequence[str]) -> Mapping[str, Mapping[str, object]]:
    return {id: {"id": id, "title": {}} for id in ids}


def _text(filter: Filter | None) -> str | None:
    parts = []
    if filter and filter.price:
        parts.append(f"price {filter.price[0]} TO {filter.price[1]}")
    if filter and filter.category:
        parts.append(f'category = "{filter.category}"')
    return " AND ".join(parts) or None
