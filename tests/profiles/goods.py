"""Products without a catalogue or an index, for profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from openaisle.profiles.background import Background, background_of
from openaisle.profiles.facts import Facts, facts_of
from openaisle.profiles.interests import Vector

COLOURS = ("black", "white", "red", "blue")
BRANDS = ("Acme", "Borealis", "Lumora")


def bodies() -> dict[str, dict[str, Any]]:
    """Mugs of three brands in four colours, each the dearer the later its number."""
    made = {}
    for number in range(60):
        made[f"p{number}"] = {
            "id": f"p{number}",
            "title": {"en": f"Mug {number}"},
            "brand": BRANDS[number % 3],
            "category": ["Kitchen", "Mugs"] if number < 30 else ["Office", "Cups"],
            "price": 5.0 + number,
            "attributes": {"colour": COLOURS[number % 4], "capacity_ml": 300},
        }
    return made


class Goods:
    """`Products` for a profile book; counts what it was asked for."""

    def __init__(self, every: Mapping[str, Mapping[str, Any]] | None = None, space: str = "fake") -> None:
        self.every = dict(bodies() if every is None else every)
        self.named = space
        self.asked = 0

    def facts(self, ids: Sequence[str]) -> list[Facts | None]:
        self.asked += len(ids)
        return [facts_of(self.every[id]) if id in self.every else None for id in ids]

    def vectors(self, ids: Sequence[str]) -> Vector:
        rows = [_vector(id) if id in self.every else [np.nan] * 4 for id in ids]
        return np.array(rows, np.float32).reshape(len(ids), 4)

    def space(self) -> str:
        return self.named

    def background(self) -> Background:
        ids = list(self.every)
        return background_of((facts_of(body) for body in self.every.values()), self.vectors(ids))


def _vector(id: str) -> list[float]:
    made = np.random.default_rng(int(id[1:])).normal(size=4) + np.array([2.0, 0, 0, 0])
    return list(made / np.linalg.norm(made))
