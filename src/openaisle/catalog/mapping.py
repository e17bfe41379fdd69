"""Which column of a feed is which product field: stated in openaisle.toml, or guessed from names and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openaisle.catalog.attribute_kinds import kind_of
from openaisle.catalog.guessing import Guess, guess_columns
from openaisle.catalog.problems import Problem
from openaisle.catalog.targets import Target, parse_target, put


@dataclass(frozen=True, slots=True)
class Explained:
    """One line of the mapping's explanation: `field` as openaisle.toml would say it, and why it was chosen."""

    column: str
    field: str
    why: str
    example: str


class Mapping:
    """Turns a feed's rows into records of product fields. Columns that it has not met before become attributes."""

    def __init__(self, guesses: MappingOf[str, Guess], examples: MappingOf[str, str]) -> None:
        self._guesses = dict(guesses)
        self._targets = {column: guess.target for column, guess in guesses.items()}
        self._examples = dict(examples)
        self._misfits: Counter[str] = Counter()

    @classmethod
    def of(cls, sample: Sequence[MappingOf[str, Any]], stated: MappingOf[str, str] | None = None) -> Mapping:
        """The mapping for a feed that begins with `sample`; what is `stated` (column → field) is not guessed.

        Raises `SettingsError` when a stated field does not exist.
        """
        columns: dict[str, list[Any]] = {}
        for row in sample:
            for column, value in row.items():
                columns.setdefault(column, []).append(value)
        given = {column: Guess(parse_target(field), "stated") for column, field in (stated or {}).items()}
        guesses = guess_columns(columns, {column: guess for column, guess in given.items() if column in columns})
        examples = {column: _example(values) for column, values in columns.items()}
        return cls({**guesses, **given}, examples)

    def record(self, values: MappingOf[str, Any]) -> dict[str, Any]:
        """The row's values by product field, not validated yet."""
        record: dict[str, Any] = {}
        targets = self._targets
        for column, value in values.items():
            if value is None or value == "":
                continue
            target = targets.get(column) or self._new(column, value)
            if not put(record, target, value):
                self._misfits[target.label] += 1
        return record

    def explain(self) -> tuple[Explained, ...]:
        """Every column met so far, in the feed's order."""
        return tuple(
            Explained(column, guess.target.label, guess.why, self._examples.get(column, ""))
            for column, guess in self._guesses.items()
        )

    def lacks(self, field: str) -> bool:
        """Whether no column goes to this field."""
        return all(target.field != field for target in self._targets.values())

    def warnings(self) -> tuple[Problem, ...]:
        """What looks wrong with the mapping after the rows that went through it."""
        misfits = tuple(
            Problem(
                label,
                f"{count:,} values are of another kind than the first ones and were kept as text",
                f'Correct them, or state the kind in [mapping], such as "{label.split(":")[0]}:text".',
            )
            for label, count in self._misfits.items()
        )
        absent = [column for column in self._guesses if column not in self._examples]
        unused = tuple(
            Problem(column, "the mapping names this column, but the feed has none", "Correct the name in [mapping].")
            for column in absent
        )
        return misfits + unused

    def _new(self, column: str, value: Any) -> Target:
        target = Target("attributes", column, kind_of([value]) if isinstance(value, str) else None)
        self._targets[column] = target
        self._guesses[column] = Guess(target, "met later in the feed")
        self._examples[column] = _shown(value)
        return target


def _example(values: Sequence[Any]) -> str:
    return _shown(next((value for value in values if value not in (None, "")), ""))


def _shown(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else text[:59] + "…"
