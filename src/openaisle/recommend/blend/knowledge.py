"""What the blend knows of products besides what the methods say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openaisle.recommend.ids import Numbers, entries
from openaisle.recommend.protocol import Model
from openaisle.recommend.repeats import Repeats
from openaisle.recommend.scores import Values
from openaisle.recommend.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Knowledge:
    """`methods` by name, in the order of their features; `frequency` is the rows of each product in training."""

    methods: Mapping[str, Model]
    repeats: Repeats
    frequency: Values
    shelf: Shelf

    def frequencies(self, products: Numbers) -> Values:
        """0 for products that came after training."""
        return entries(self.frequency, products, 0)
