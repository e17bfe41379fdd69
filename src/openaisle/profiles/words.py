"""A profile in plain words, for the shopper it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from openaisle.profiles.background import LEVELS
from openaisle.profiles.facts import BRAND, CATEGORY, PRICE
from openaisle.profiles.interests import Reading
from openaisle.profiles.profile import Profile

MOST_VALUES = 5
"""Values of a field that are told."""
_LEAST = 0.05
"""Share of the interest in a field from which a value is told."""
_LEVELS = ("the cheapest", "inexpensive ones", "those of a middling price", "the dearer", "the dearest")
assert len(_LEVELS) == LEVELS


@dataclass(frozen=True, slots=True)
class Interest:
    """`share` is the value's part of all interest that was shown in its field, 0 to 1."""

    field: str
    value: str
    share: float


def interests(reading: Reading) -> list[Interest]:
    """The strongest of every field: brand, category and price first, then attributes by the interest in them."""
    by_field: dict[str, list[Interest]] = {}
    for (field, value), weight in sorted(reading.weights.items(), key=lambda item: (-item[1], item[0])):
        share = min(1.0, weight / max(reading.masses.get(field, weight), weight))
        told = by_field.setdefault(field, [])
        if share >= _LEAST and len(told) < MOST_VALUES:
            told.append(Interest(field, value, round(share, 3)))
    core = {BRAND: 0, CATEGORY: 1, PRICE: 2}
    order = sorted(by_field, key=lambda field: (core.get(field, len(core)), -reading.masses.get(field, 0.0), field))
    return [interest for field in order for interest in by_field[field]]


def sentences(profile: Profile | None) -> Iterator[str]:
    """What the profile says, a sentence each."""
    if profile is None:
        yield "Nothing is known: no product was clicked, viewed, put into the cart or ordered."
        return
    yield f"Made of {profile.acts:,} acts from {_day(profile.first)} to {_day(profile.latest)}."
    told: dict[str, list[str]] = {}
    for interest in interests(profile.lasting):
        value = _LEVELS[int(interest.value) - 1] if interest.field == PRICE else interest.value
        told.setdefault(interest.field, []).append(f"{value} ({interest.share:.0%})")
    for field, values in told.items():
        yield f"{_heading(field)}: {', '.join(values)}."
    if profile.lasting.vector is not None:
        yield "Likeness: products whose descriptions are like those of what was looked at."
    if visiting := [interest for interest in interests(profile.visit) if interest.field == CATEGORY]:
        yield f"In this visit: {', '.join(interest.value for interest in visiting)}."


def as_dict(profile: Profile | None) -> dict[str, Any]:
    """The same for programs; times are ISO 8601."""
    if profile is None:
        return {"acts": 0, "first": None, "latest": None, "interests": [], "visit": [], "likeness": False}
    return {
        "acts": profile.acts,
        "first": _moment(profile.first),
        "latest": _moment(profile.latest),
        "interests": [_interest(each) for each in interests(profile.lasting)],
        "visit": [_interest(each) for each in interests(profile.visit)],
        "likeness": profile.lasting.vector is not None,
    }


def _interest(interest: Interest) -> Mapping[str, Any]:
    return {"field": interest.field, "value": interest.value, "share": interest.share}


def _heading(field: str) -> str:
    return {BRAND: "Brands", CATEGORY: "Categories", PRICE: "Among products of a kind"}.get(
        field, field.replace("_", " ").capitalize()
    )


def _day(time: int) -> str:
    return f"{datetime.fromtimestamp(time / 1000, UTC):%Y-%m-%d}"


def _moment(time: int) -> str:
    return datetime.fromtimestamp(time / 1000, UTC).isoformat(timespec="milliseconds")
