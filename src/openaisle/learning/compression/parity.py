"""Whether an exported graph answers as the model it was written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import ExportError

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Parity:
    """`largest_difference` between two outputs of one example, in units of the output; `least_cosine` between the
    outputs of one example as vectors, 1 where they are single numbers; `correlation` over all numbers (Pearson)."""

    examples: int
    largest_difference: float
    least_cosine: float
    correlation: float

    def as_dict(self) -> dict[str, float]:
        return {
            "examples": self.examples,
            "largest_difference": self.largest_difference,
            "least_cosine": self.least_cosine,
            "correlation": self.correlation,
        }


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an export may be from its model."""

    largest_difference: float
    least_cosine: float
    least_correlation: float


LIMITS: Mapping[str, Limits] = {
    "none": Limits(largest_difference=1e-3, least_cosine=0.99999, least_correlation=0.99999),
    "int8": Limits(largest_difference=np.inf, least_cosine=0.96, least_correlation=0.98),
    "4bit": Limits(largest_difference=np.inf, least_cosine=0.85, least_correlation=0.9),
    "packed": Limits(largest_difference=np.inf, least_cosine=0.85, least_correlation=0.9),
}
"""By the numbers that the weights are kept in. What fewer bits cost in quality is for the comparison to tell; these
catch a graph that is wrong."""

_SPREAD = 1e-6
"""Below this standard deviation outputs are one constant, which correlates with nothing."""


def compared(expected: Sequence[Values], found: Sequence[Values]) -> Parity:
    """Outputs of the model and of its export, one array an example. Raises `ExportError` where their shapes differ."""
    for one, other in zip(expected, found, strict=True):
        if one.shape != other.shape:
            raise ExportError(
                f"The exported model gives an output of shape {other.shape} where the trained one gives {one.shape}.",
                "Report this with the name of the base model.",
            )
    a = np.concatenate([np.ravel(values) for values in expected]).astype(np.float64)
    b = np.concatenate([np.ravel(values) for values in found]).astype(np.float64)
    return Parity(
        len(expected),
        float(np.abs(a - b).max()),
        min(_cosine(one, other) for one, other in zip(expected, found, strict=True)),
        _correlation(a, b),
    )


def require(parity: Parity, output: str, numbers: str) -> None:
    """Raises `ExportError` when the export is further from its model than `LIMITS` allows. Cosines count for vectors:
    logits that are all near 0 have no direction worth comparing."""
    limits = LIMITS[numbers]
    apart = parity.largest_difference if np.isfinite(limits.largest_difference) else 0.0
    sound = (
        np.isfinite(parity.largest_difference)
        and apart <= limits.largest_difference
        and (output != "vectors" or parity.least_cosine >= limits.least_cosine)
        and parity.correlation >= limits.least_correlation
    )
    if not sound:
        raise ExportError(
            f"The exported model answers differently from the trained one: largest difference "
            f"{parity.largest_difference:.4g}, least cosine {parity.least_cosine:.4f}, correlation "
            f"{parity.correlation:.4f} over {parity.examples} examples.",
            'Set quantise = "none" under [export], or "int8" where it is "4bit".',
        )


def _cosine(one: Values, other: Values) -> float:
    if one.size < 2:
        return 1.0
    a, b = np.ravel(one).astype(np.float64), np.ravel(other).astype(np.float64)
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / lengths) if lengths > 0 else 0.0


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    if min(a.std(), b.std()) < _SPREAD:
        return 1.0 if np.abs(a - b).max() < _SPREAD else 0.0
    return float(np.corrcoef(a, b)[0, 1])
