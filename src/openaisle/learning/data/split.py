"""Train, validation and test: examples that ask the same come into one split, and stay there as data grow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openaisle.learning.data.grouped import Grouped
from openaisle.learning.data.keys import fraction
from openaisle.learning.examples import Split


@dataclass(frozen=True, slots=True)
class Shares:
    """Parts of the whole, together at most 1; what they leave is not used."""

    train: float = 0.8
    validation: float = 0.1
    test: float = 0.1


@dataclass(frozen=True, slots=True)
class Splits:
    """Examples by split, in the order in which they came."""

    train: tuple[Grouped, ...] = ()
    validation: tuple[Grouped, ...] = ()
    test: tuple[Grouped, ...] = ()


def split(examples: Iterable[Grouped], shares: Shares, seed: int) -> Splits:
    """Each example by the hash of its group and the seed: no group is in two splits, and no example changes its split
    when others are added or taken away, or when only the shares of train and validation change."""
    parts: dict[Split, list[Grouped]] = {"train": [], "validation": [], "test": []}
    for example in examples:
        place = split_of(example.group, shares, seed)
        if place is not None:
            parts[place].append(example)
    return Splits(*map(tuple, parts.values()))


def split_of(group: str, shares: Shares, seed: int) -> Split | None:
    """Where a group belongs; None where the shares leave it out."""
    place = fraction("split", seed, group)
    if place < shares.test:
        return "test"
    if place < shares.test + shares.validation:
        return "validation"
    # shares that add up to 1 but for rounding leave nothing out
    return "train" if place < shares.test + shares.validation + shares.train + 1e-9 else None


def sampled(examples: Sequence[Grouped], groups: int, seed: int) -> tuple[Grouped, ...]:
    """The examples of `groups` groups drawn by hash, in their order; all of them where there are no more."""
    known = dict.fromkeys(example.group for example in examples)
    if groups == 0 or len(known) <= groups:
        return tuple(examples)
    drawn = set(sorted(known, key=lambda group: (fraction("limit", seed, group), group))[:groups])
    return tuple(example for example in examples if example.group in drawn)
