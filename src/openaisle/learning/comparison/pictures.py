"""Pictures of a comparison: what kind of task it is decides which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from openaisle.learning.comparison.compare import ModelComparison
from openaisle.learning.comparison.drawing import AFTER, BAD, BEFORE, GOOD, INK, draw, name_of
from openaisle.learning.comparison.history import History, Points
from openaisle.learning.comparison.label_pictures import confusion, label_scores, reliability
from openaisle.learning.comparison.measures import candidates_of, ranking
from openaisle.learning.comparison.outcomes import Outcomes
from openaisle.learning.comparison.page import Picture
from openaisle.learning.examples import Example, JudgedQuery, Triplet, Valued

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DEEPEST = 10
_MOST_SLICES = 24


def pictures(comparison: ModelComparison, history: History | None = None) -> Iterator[Picture]:
    """Everything that can be drawn of a comparison, the course of the training first."""
    if history is not None:
        yield from _course(history)
    if comparison.slices:
        yield _slices(comparison)
    if comparison.metrics[comparison.primary].wins or comparison.metrics[comparison.primary].losses:
        yield _changes(comparison)
    if comparison.before.predictions and comparison.after.predictions:
        yield from _of_task(comparison)


def _of_task(comparison: ModelComparison) -> Iterator[Picture]:
    match comparison.task:
        case "match" | "rerank" if all(isinstance(each, JudgedQuery | Triplet) for each in comparison.examples):
            yield _precision(comparison)
        case "classify":
            yield confusion(comparison)
            yield from reliability(comparison)
        case "multilabel" | "tag":
            yield label_scores(comparison)
        case "regress":
            yield _scatter(comparison)


def _course(history: History) -> Iterator[Picture]:
    for caption, points, colour in (
        ("Training loss by step", history.train_loss, BEFORE),
        (f"Validation {history.metric} by step", history.validation, AFTER),
    ):
        if points:
            yield _curve(caption, points, colour)


def _curve(caption: str, points: Points, colour: str) -> Picture:
    def paint(axes: Axes) -> None:
        steps, values = zip(*points, strict=True)
        axes.plot(steps, values, color=colour, marker="o" if len(points) < 40 else "", markersize=3)
        axes.set_xlabel("step")
        axes.locator_params(axis="x", integer=True)
        axes.grid(axis="y")

    return draw(caption, paint)


def _slices(comparison: ModelComparison) -> Picture:
    """Differences with their intervals, slice below slice."""
    shown = comparison.slices[:_MOST_SLICES]

    def paint(axes: Axes) -> None:
        colours = {"better": GOOD, "worse": BAD}
        for row, each in enumerate(reversed(shown)):
            colour = colours.get(each.verdict, INK)
            axes.plot([each.difference.low, each.difference.high], [row, row], color=colour, linewidth=1.5)
            axes.plot(each.difference.mean, row, "o", color=colour, markersize=4)
        labels = [f"{each.kind}: {name_of(each.name)} ({each.examples})" for each in reversed(shown)]
        axes.set_yticks(range(len(shown)), labels)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_xlabel(f"difference in {comparison.primary}")

    return draw(f"Difference in {comparison.primary} by slice, with 95 % intervals", paint, 1 + 0.22 * len(shown))


def _changes(comparison: ModelComparison) -> Picture:
    """Every example's difference, sorted: how many moved, and how far."""
    change = comparison.metrics[comparison.primary]
    moved = sorted(each.difference for each in (*change.wins, *change.losses))
    better = np.array(moved) * (-1 if change.lower_is_better else 1) > 0

    def paint(axes: Axes) -> None:
        places = np.arange(len(moved))
        axes.fill_between(places, moved, where=list(better), color=GOOD, step="mid", linewidth=0)
        axes.fill_between(places, moved, where=list(~better), color=BAD, step="mid", linewidth=0)
        axes.vlines(places, 0, moved, colors=[GOOD if each else BAD for each in better], linewidth=1)
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.locator_params(axis="x", integer=True)
        axes.set_xlabel(f"examples that changed ({len(moved)}; {change.ties} did not)")

    return draw(f"Difference in {comparison.primary} of each example that changed", paint)


def _precision(comparison: ModelComparison) -> Picture:
    def paint(axes: Axes) -> None:
        depths = range(1, _DEEPEST + 1)
        for outcomes, colour in ((comparison.before, BEFORE), (comparison.after, AFTER)):
            axes.plot(
                depths,
                precisions(comparison.examples, outcomes),
                color=colour,
                marker="o",
                markersize=3,
                label=name_of(outcomes.name),
            )
        axes.set_xlabel("first k of the judged list")
        axes.set_ylabel("precision@k")
        axes.grid(axis="y")
        axes.legend()

    return draw("Precision of the first k, before and after", paint)


def precisions(examples: Sequence[Example], outcomes: Outcomes) -> list[float]:
    """Precision@1 to 10 over the queries that have an answer; a list shorter than k counts as it is."""
    relevant: list[list[bool]] = []
    for example, scores in zip(examples, outcomes.predictions, strict=True):
        gains = [each.gain > 0 for each in candidates_of(example)]
        if any(gains):
            relevant.append([gains[place] for place in ranking(example, cast("Sequence[float]", scores))])
    shares = [[sum(row[:k]) / len(row[:k]) for k in range(1, _DEEPEST + 1)] for row in relevant]
    return [sum(each) / len(each) for each in zip(*shares, strict=True)] or [0.0] * _DEEPEST


def _scatter(comparison: ModelComparison) -> Picture:
    true = [each.value for each in comparison.examples if isinstance(each, Valued)]

    def paint(axes: Axes) -> None:
        for outcomes, colour in ((comparison.before, BEFORE), (comparison.after, AFTER)):
            told: Any = outcomes.predictions
            axes.scatter(true, told, s=8, color=colour, alpha=0.5, linewidths=0, label=name_of(outcomes.name))
        ends = [min(true), max(true)]
        axes.plot(ends, ends, color=INK, linewidth=0.8)
        axes.set_xlabel("true value")
        axes.set_ylabel("told value")
        axes.legend()

    return draw("Told against true values; on the line is right", paint)
