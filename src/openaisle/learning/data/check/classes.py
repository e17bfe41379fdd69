"""Classes: one alone, rare ones, some that are tested and never learnt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from openaisle.learning.data.check.findings import Finding, Level, some
from openaisle.learning.data.check.texts import every_example
from openaisle.learning.examples import DataSet, Example, Labelled, Tagged

_FEW = 5
_LOPSIDED = 20
"""Times that the commonest class is as frequent as the rarest."""


def balance(data: DataSet) -> Iterator[Finding]:
    """For labelled texts and for types of spans; says nothing of other kinds."""
    if not any(isinstance(example, (Labelled, Tagged)) for example in every_example(data)):
        return
    learnt = Counter(_classes(data.train))
    yield from _single(data, learnt)
    yield from _unseen(data, learnt)
    yield from _rare(learnt)
    yield from _lopsided(learnt)


def _classes(examples: Iterable[Example]) -> Iterator[str]:
    for example in examples:
        if isinstance(example, Labelled):
            yield from example.labels
        elif isinstance(example, Tagged):
            yield from (span.type for span in example.spans)


def _single(data: DataSet, learnt: Counter[str]) -> Iterator[Finding]:
    labelled = any(isinstance(example, Labelled) for example in data.train)
    multilabel = any(isinstance(example, Labelled) and len(example.labels) != 1 for example in data.train)
    if len(learnt) == 0 or (len(learnt) == 1 and labelled and not multilabel):
        yield Finding(
            Level.ERROR,
            "one_class",
            "All examples to learn from are of one class." if learnt else "No example to learn from has a label.",
            learnt.total(),
            some(learnt),
            "Add examples of at least one other class, or name the right column of labels.",
        )


def _unseen(data: DataSet, learnt: Counter[str]) -> Iterator[Finding]:
    unseen = Counter(name for name in _classes((*data.validation, *data.test)) if name not in learnt)
    if unseen:
        yield Finding(
            Level.WARNING,
            "unseen_classes",
            f"{len(unseen):,} classes are tested but never learnt.",
            unseen.total(),
            some(name for name, _ in unseen.most_common()),
            "Add examples of them, or merge them into others.",
        )


def _rare(learnt: Counter[str]) -> Iterator[Finding]:
    rare = [name for name, count in learnt.items() if count < _FEW]
    if rare:
        yield Finding(
            Level.WARNING,
            "rare_classes",
            f"{len(rare):,} of {len(learnt):,} classes have fewer than {_FEW} examples to learn from.",
            len(rare),
            some(f"{name} ({learnt[name]})" for name in rare),
            "Add examples of them, or merge them into others.",
        )


def _lopsided(learnt: Counter[str]) -> Iterator[Finding]:
    if len(learnt) < 2:
        return
    ranked = learnt.most_common()
    (most, many), (least, few) = ranked[0], ranked[-1]
    if many > _LOPSIDED * few:
        yield Finding(
            Level.NOTE,
            "class_balance",
            f"{most} has {many:,} examples, {least} has {few:,}: accuracy will say little of the rare classes.",
            len(ranked),
            some(f"{name} ({count})" for name, count in (*ranked[:2], *ranked[-2:])),
            "Go by macro_f1 (train.metric), or add examples of the rare classes.",
        )
