"""Draws that come out the same with every version of Python: of `random`, only `random()` is promised to stay."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, log, pi, sqrt
from random import Random
from typing import TypeVar

Item = TypeVar("Item")


def between(low: float, high: float, chance: Random) -> float:
    """Any number from `low` up to `high`."""
    return low + (high - low) * chance.random()


def one(items: Sequence[Item], chance: Random) -> Item:
    """Any of the items."""
    return items[int(chance.random() * len(items))]


def several(items: Sequence[Item], count: int, chance: Random) -> list[Item]:
    """`count` different items in a random order; all of them if there are fewer."""
    return sorted(items, key=lambda _: chance.random())[:count]


def normal(chance: Random) -> float:
    """Of mean 0 and standard deviation 1 (Box and Muller, 1958)."""
    return sqrt(-2 * log(1 - chance.random())) * cos(2 * pi * chance.random())


def gumbel(chance: Random) -> float:
    """Noise under which the largest of several worths is chosen as by softmax."""
    return -log(-log(max(chance.random(), 1e-12)))
