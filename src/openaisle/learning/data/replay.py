"""Old data beside new in a retraining, so that what was learnt is not forgotten.

Rehearsal, the plainest remedy against catastrophic forgetting (Robins 1995, "Catastrophic Forgetting, Rehearsal and
Pseudorehearsal").
"""

from __future__ import annotations

from collections.abc import Sequence

from openaisle.errors import DataError
from openaisle.learning.data.digest import as_line, data_set
from openaisle.learning.data.keys import canonical, fraction, main_text
from openaisle.learning.examples import DataSet, Example

_MOST_SHARE = 0.95


def mix(new: DataSet, old: DataSet, share: float, seed: int) -> DataSet:
    """All of `new`, with so many training examples of `old` that they make `share` of the whole (all of them where
    there are fewer), drawn by the seed and put behind the new ones.

    Validation and test hold what both held out, so that a fall on the old shows; what one of them holds out is trained
    on by none, and what both hold is there once. Raises `DataError` for kinds that differ or a share outside 0 to 0.95.
    """
    if not 0 <= share <= _MOST_SHARE:
        raise DataError(f"A share of {share:g} of old examples.", "Set data.replay to something from 0 to 0.95.")
    test = _once((*new.test, *old.test))
    validation = _not_asked(_once((*new.validation, *old.validation)), test)
    held = (*test, *validation)
    train = _not_asked(new.train, held)
    known = {as_line(example) for example in train}
    older = [example for example in _not_asked(old.train, held) if as_line(example) not in known]
    return data_set((*train, *_drawn(older, _wanted(len(train), share), seed)), validation, test)


def _wanted(new: int, share: float) -> int:
    return round(new * share / (1 - share))


def _drawn(examples: Sequence[Example], count: int, seed: int) -> list[Example]:
    if len(examples) <= count:
        return list(examples)
    ranked = sorted(range(len(examples)), key=lambda place: fraction("replay", seed, as_line(examples[place])))
    return [examples[place] for place in sorted(ranked[:count])]


def _once(examples: Sequence[Example]) -> tuple[Example, ...]:
    return tuple({as_line(example): example for example in examples}.values())


def _not_asked(examples: Sequence[Example], held_out: Sequence[Example]) -> tuple[Example, ...]:
    keys = {canonical(main_text(example)) for example in held_out}
    return tuple(example for example in examples if canonical(main_text(example)) not in keys)
