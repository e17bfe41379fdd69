"""Which unit gets which variant: decided by a hash, so that every process and every day gives the same answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

from openaisle.errors import ExperimentError
from openaisle.evaluation.experiments.definition import Experiment

_LONGEST_UNIT = 1_000


@dataclass(frozen=True, slots=True)
class Bucketing:
    """An experiment made ready to assign units.

    Weighted rendezvous hashing (Thaler and Ravishankar, 1998; weights by exponential clocks): each variant draws for
    each unit a waiting time from its own hash, and the shortest wins. A variant whose weight grows only gains units
    and one whose weight falls only loses some; a new variant takes from all and moves nobody between the others.
    """

    share: float
    enrolment: bytes
    variants: tuple[tuple[str, float, bytes], ...]

    @classmethod
    def of(cls, experiment: Experiment) -> Self:
        salt = experiment.salt or experiment.name
        keyed = tuple((name, weight, _key(salt, name)) for name, weight in experiment.variants.items())
        return cls(experiment.share, _key(salt, ""), keyed)

    def variant(self, unit: str) -> str | None:
        """The unit's variant; None for the units that do not take part. Raises `ExperimentError` for an empty id."""
        if not unit or len(unit) > _LONGEST_UNIT:
            raise ExperimentError(
                f"A unit's id has {len(unit):,} characters.", f"Give ids of 1 to {_LONGEST_UNIT:,} characters."
            )
        named = unit.encode("utf-8", "surrogatepass")
        if self.share < 1 and _uniform(self.enrolment, named) >= self.share:
            return None
        return min(self.variants, key=lambda each: -math.log(_uniform(each[2], named)) / each[1])[0]


def _key(salt: str, purpose: str) -> bytes:
    # Neither text can hold a control character, so no two pairs make the same bytes.
    return blake2b(f"{salt}\0{purpose}".encode(), digest_size=32).digest()


def _uniform(key: bytes, unit: bytes) -> float:
    """A number strictly between 0 and 1, of 53 bits."""
    bits = int.from_bytes(blake2b(unit, key=key, digest_size=8).digest(), "big") >> 11
    return (bits + 0.5) / 2**53
