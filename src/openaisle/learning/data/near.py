"""Texts that are nearly the same: an edited review, a title with one word more.

Candidates come from MinHash signatures in bands (Broder 1997; Leskovec, Rajaraman & Ullman, Mining of Massive
Datasets, chapter 3) and are verified by the Jaccard similarity of their character 5-grams. Texts too short for that
are left to `keys.canonical`: "16 GB" and "32 GB" differ in few characters and mean other things.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

NEARLY_ALL = 0.85
"""Jaccard similarity from which two texts count as the same."""
SHORTEST = 30
"""Characters from which a text is compared in this way."""
_SHINGLE = 5
_READ = 500
"""Characters of a text that are compared."""
_BANDS, _ROWS = 16, 5

Shingles = NDArray[np.uint64]
"""Hashes of the 5-grams of a text, each once."""


class Near:
    """Texts to compare others with. Holds about a kilobyte for each."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts: list[str] = []
        self._shingles: list[Shingles] = []
        self._buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)
        for text in texts:
            self._add(text)

    def like(self, text: str) -> str | None:
        """One of the texts that is nearly the same as this one; None where none is."""
        shingles = _shingles(text)
        if not shingles.size:
            return None
        tried: set[int] = set()
        for bucket in _bands(shingles):
            for other in self._buckets.get(bucket, ()):
                if other not in tried and _jaccard(shingles, self._shingles[other]) >= NEARLY_ALL:
                    return self._texts[other]
                tried.add(other)
        return None

    def _add(self, text: str) -> None:
        shingles = _shingles(text)
        if not shingles.size:
            return
        for bucket in _bands(shingles):
            self._buckets[bucket].append(len(self._texts))
        self._texts.append(text)
        self._shingles.append(shingles)


def _shingles(text: str) -> Shingles:
    plain = " ".join(text.casefold().split())[:_READ]
    if len(plain) < SHORTEST:
        return np.zeros(0, np.uint64)
    characters = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(characters, _SHINGLE)
    return np.unique(windows @ _WEIGHTS)


def _bands(shingles: Shingles) -> Sequence[tuple[int, bytes]]:
    signature = (shingles[:, None] * _FACTORS + _OFFSETS).min(axis=0)  # modulo 2^64, which is meant
    return [(band, rows.tobytes()) for band, rows in enumerate(signature.reshape(_BANDS, _ROWS))]


def _jaccard(left: Shingles, right: Shingles) -> float:
    shared = np.intersect1d(left, right, assume_unique=True).size
    return float(shared / (left.size + right.size - shared))


def _constants(seed: int) -> NDArray[np.uint64]:
    return np.random.default_rng(seed).integers(1 << 63, dtype=np.uint64, size=_BANDS * _ROWS)


_FACTORS, _OFFSETS = _constants(1) | np.uint64(1), _constants(2)
_WEIGHTS = _constants(3)[:_SHINGLE] | np.uint64(1)
