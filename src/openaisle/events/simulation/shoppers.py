"""Three kinds of shoppers, each the human being that one click model presumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from openaisle.events.click_models.pages import Flags, Floats, Integers


class Shopper(Protocol):
    def clicks(self, attraction: Floats, satisfaction: Floats, generator: np.random.Generator) -> Flags:
        """What is clicked; all three arrays have the shape (pages, positions)."""
        ...


@dataclass(frozen=True, slots=True)
class PositionShopper:
    """Looks at position k with chance 1 / k^`steepness`, whatever stands above it."""

    steepness: float = 1.0

    def examination(self, depth: int) -> Floats:
        chances: Floats = np.arange(1, depth + 1, dtype=np.float64) ** -self.steepness
        return chances

    def clicks(self, attraction: Floats, satisfaction: Floats, generator: np.random.Generator) -> Flags:
        chances = attraction * self.examination(attraction.shape[1])
        flags: Flags = generator.random(attraction.shape) < chances
        return flags


@dataclass(frozen=True, slots=True)
class CascadeShopper:
    """Reads down the page to the first product that attracts, clicks it and leaves."""

    def clicks(self, attraction: Floats, satisfaction: Floats, generator: np.random.Generator) -> Flags:
        attracted = generator.random(attraction.shape) < attraction
        flags: Flags = attracted & (np.cumsum(attracted, axis=1) == 1)
        return flags


@dataclass(frozen=True, slots=True)
class DynamicShopper:
    """Reads down the page, clicks what attracts, leaves when satisfied, else reads on with chance `continuation`."""

    continuation: float = 0.9

    def clicks(self, attraction: Floats, satisfaction: Floats, generator: np.random.Generator) -> Flags:
        attracted = generator.random(attraction.shape) < attraction
        leaves = attracted & (generator.random(attraction.shape) < satisfaction)
        leaves |= generator.random(attraction.shape) >= self.continuation
        left_above: Integers = np.cumsum(leaves, axis=1) - leaves
        flags: Flags = attracted & (left_above == 0)
        return flags
