"""All that one training made, as one thing: names, methods, blend, and up to where of log and catalogue it knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from openaisle.catalog.changes import Change
from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.blend.ranker import Ranker
from openaisle.recommend.ids import Ids
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.methods.content import ContentModel, Vectors


@dataclass(frozen=True, slots=True)
class Learnt:
    """`events` and `catalogue` are the numbers of the last event and the last change it includes; `encoder` is the
    digest of what made the content vectors, "" without."""

    products: Ids
    knowledge: Knowledge
    ranker: Ranker
    events: int
    catalogue: int
    encoder: str = ""

    def on_shelf(self, changes: Iterable[Change]) -> Learnt:
        """After what changed in the catalogue: retired products are gone, prices and stock are today's."""
        seen = list(changes)
        if not seen:
            return self
        living = [change.product for change in seen if change.product is not None]
        retired = [change.id for change in seen if change.product is None]
        shelf = self.knowledge.shelf.changed(living, retired, self.products)
        return replace(self, knowledge=replace(self.knowledge, shelf=shelf), catalogue=seen[-1].seq)

    def refreshed(self, new: Interactions, events: int) -> Learnt:
        """With what shoppers did since, as far as methods take it in without learning anew. `new` must number products
        as `products` does."""
        if len(new) == 0:
            return replace(self, events=events)
        knowledge = self.knowledge
        frequency = np.bincount(new.product, minlength=len(self.products)).astype(np.float32)
        frequency[: len(knowledge.frequency)] += knowledge.frequency
        methods = {name: model.refreshed(new) for name, model in knowledge.methods.items()}
        return replace(self, knowledge=replace(knowledge, methods=methods, frequency=frequency), events=events)

    @property
    def unencoded(self) -> int:
        """Products that came after those whose content is known; 0 where content is no method."""
        content = self.knowledge.methods.get("content")
        return len(self.products) - len(content) if isinstance(content, ContentModel) else 0

    def encoded(self, vectors: Vectors) -> Learnt:
        """With content vectors of the products that came since."""
        content = self.knowledge.methods.get("content")
        if not isinstance(content, ContentModel) or len(content) >= len(self.products):
            return self
        more = vectors(self.products.names[len(content) :])
        methods = {**self.knowledge.methods, "content": content.extended(more)}
        return replace(self, knowledge=replace(self.knowledge, methods=methods))
