"""The filter columns that a shop would keep beside two search libraries: NumPy arrays, a mask per filter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.corpus import Corpus
from bench.system import FACET_VALUES, Filter

NAMES = ("brand", "category", "colour", "stars")


@dataclass(frozen=True, slots=True)
class Columns:
    price: NDArray[np.float32]
    codes: dict[str, NDArray[np.int32]]
    values: dict[str, NDArray[np.str_]]

    @classmethod
    def of(cls, corpus: Corpus) -> Columns:
        texts = {"brand": corpus.brand, "category": corpus.category, "colour": corpus.colour}
        columns = {name: np.array(text) for name, text in texts.items()}
        columns["stars"] = corpus.rating.astype(np.int32).astype(str)
        unique = {name: np.unique(column, return_inverse=True) for name, column in columns.items()}
        return cls(
            corpus.price,
            {name: codes.astype(np.int32) for name, (_, codes) in unique.items()},
            {name: values for name, (values, _) in unique.items()},
        )

    def save(self, path: Path) -> None:
        named = {f"codes_{name}": codes for name, codes in self.codes.items()}
        named |= {f"values_{name}": values for name, values in self.values.items()}
        np.savez(path, price=self.price, **named)

    @classmethod
    def load(cls, path: Path) -> Columns:
        saved = np.load(path)
        codes = {name: saved[f"codes_{name}"] for name in NAMES}
        return cls(saved["price"], codes, {name: saved[f"values_{name}"] for name in NAMES})

    def mask(self, filter: Filter) -> NDArray[np.bool_]:
        mask = np.ones(len(self.price), bool)
        if filter.price:
            mask &= (self.price >= filter.price[0]) & (self.price <= filter.price[1])
        if filter.category:
            code = np.searchsorted(self.values["category"], filter.category)
            mask &= self.codes["category"] == code
        return mask

    def count(self, name: str, rows: NDArray[np.integer]) -> dict[str, int]:
        counts = np.bincount(self.codes[name][rows], minlength=len(self.values[name]))
        best = np.argsort(-counts, kind="stable")[:FACET_VALUES]
        return {str(self.values[name][code]): int(counts[code]) for code in best if counts[code]}
