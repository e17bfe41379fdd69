"""What a model learns from: one frozen record a kind of example, the currency between data sets, heads and losses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Split = Literal["train", "validation", "test"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One text judged for a query. `gain` is 0 for irrelevant; `product_id` is empty where it is no product."""

    text: str
    gain: float
    product_id: str = ""


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with its judged texts: what matching and re-ranking learn from and are tested on."""

    query: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Triplet:
    """A query (or any text), a text that answers it, and texts that do not (hard negatives; may be none)."""

    anchor: str
    positive: str
    negatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """Two texts and how alike or relevant they are, 0 to 1."""

    left: str
    right: str
    score: float


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with its labels: one for classification, any number for multi-label."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Valued:
    """A text with a number: regression."""

    text: str
    value: float


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (not included) of a text, of a type."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Tagged:
    """A text with typed spans that do not overlap: token tagging."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without labels: pretraining and distillation. `other` is the same said in another language, if known."""

    text: str
    other: str = ""


Example = JudgedQuery | Triplet | Scored | Labelled | Valued | Tagged | Plain


@dataclass(frozen=True, slots=True)
class DataSet:
    """Examples by split, all of one kind. `digest` is the SHA-256 of the examples in order (lineage)."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    test: tuple[Example, ...]
    digest: str
