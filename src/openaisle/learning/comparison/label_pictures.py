"""Pictures of tasks with labels: what is taken for what, how far confidence can be trusted, which labels gained."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from openaisle.learning.comparison.compare import ModelComparison
from openaisle.learning.comparison.drawing import AFTER, BEFORE, INK, draw, name_of
from openaisle.learning.comparison.outcomes import Labelling, Outcomes, Prediction
from openaisle.learning.comparison.page import Picture
from openaisle.learning.examples import Example, Labelled, Tagged

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_LABELS = 20
_BINS = 10
_NOTHING = "(none)"


def confusion(comparison: ModelComparison) -> Picture:
    """Rows are true labels; with many labels, those that are confused most."""
    pairs = Counter(
        (_only(_labels(example)), _only(_told(told)))
        for example, told in zip(comparison.examples, comparison.after.predictions, strict=True)
    )
    names = _most_confused(pairs)
    shares = np.array([[pairs[row, column] for column in names] for row in names], dtype=np.float64)
    totals = np.array([sum(number for pair, number in pairs.items() if pair[0] == row) for row in names])
    shares /= np.maximum(totals, 1)[:, None]

    def paint(axes: Axes) -> None:
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        axes.set_xticks(range(len(names)), [name_of(name) for name in names], rotation=90)
        axes.set_yticks(range(len(names)), [name_of(name) for name in names])
        axes.set_xlabel("told")
        axes.set_ylabel("true")
        for (row, column), share in np.ndenumerate(shares):
            if share >= 0.005:
                axes.text(
                    column,
                    row,
                    f"{100 * share:.0f}",
                    ha="center",
                    va="center",
                    fontsize=7,
                    color="white" if share > 0.5 else INK,
                )

    some = "" if len(names) == len({name for pair in pairs for name in pair}) else f", the {len(names)} most confused"
    return draw(
        f"What {comparison.after.name} takes for what, % of each true label{some}", paint, 2.2 + 0.22 * len(names)
    )


def reliability(comparison: ModelComparison) -> Iterator[Picture]:
    """How often the model is right by how sure it says it is (Guo et al., 2017); on the line, it can be believed."""
    known = [each for each in (comparison.before, comparison.after) if _has_confidence(each)]
    if not known:
        return

    def paint(axes: Axes) -> None:
        for outcomes in known:
            sure, right, error = _calibration(comparison, outcomes)
            colour = AFTER if outcomes is comparison.after else BEFORE
            axes.plot(
                sure,
                right,
                color=colour,
                marker="o",
                markersize=4,
                label=f"{name_of(outcomes.name)}: calibration error {error:.3f}",
            )
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8)
        axes.set_xlabel("confidence")
        axes.set_ylabel("share that is right")
        axes.legend()

    yield draw("How often a model is right by how sure it is", paint)


def label_scores(comparison: ModelComparison) -> Picture:
    """F1 of each label before and after, the most frequent labels."""
    frequent = Counter(label for example in comparison.examples for label in _labels(example))
    names = [name for name, _ in frequent.most_common(_MOST_LABELS)][::-1]
    old, new = _f1_by_label(comparison, comparison.before), _f1_by_label(comparison, comparison.after)

    def paint(axes: Axes) -> None:
        for row, name in enumerate(names):
            axes.plot([old[name], new[name]], [row, row], color=INK, linewidth=1, zorder=1)
        for scores, outcomes, colour in ((old, comparison.before, BEFORE), (new, comparison.after, AFTER)):
            axes.scatter(
                [scores[name] for name in names],
                range(len(names)),
                s=20,
                color=colour,
                label=name_of(outcomes.name),
                zorder=2,
            )
        axes.set_yticks(range(len(names)), [f"{name_of(name)} ({frequent[name]})" for name in names])
        axes.set_xlabel("F1")
        axes.legend()

    return draw("F1 by label, before and after", paint, 1.2 + 0.24 * len(names))


def _most_confused(pairs: Counter[tuple[str, str]]) -> list[str]:
    names = sorted({name for pair in pairs for name in pair})
    if len(names) <= _MOST_LABELS:
        return names
    wrong: Counter[str] = Counter()
    for (row, column), number in pairs.items():
        if row != column:
            wrong[row] += number
            wrong[column] += number
    return sorted(name for name, _ in wrong.most_common(_MOST_LABELS)) or names[:_MOST_LABELS]


def _calibration(comparison: ModelComparison, outcomes: Outcomes) -> tuple[list[float], list[float], float]:
    """Mean confidence and share right of each tenth that holds examples, and the expected calibration error."""
    pairs = zip(comparison.examples, outcomes.predictions, strict=True)
    told = [(_confidence(each), _labels(example) == _told(each)) for example, each in pairs]
    sure = np.array([confidence for confidence, _ in told])
    right = np.array([hit for _, hit in told], dtype=np.float64)
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    filled = [bins == number for number in range(_BINS) if (bins == number).any()]
    means, shares = [float(sure[each].mean()) for each in filled], [float(right[each].mean()) for each in filled]
    sizes = [each.mean() for each in filled]
    return means, shares, float(sum(s * abs(m - r) for s, m, r in zip(sizes, means, shares, strict=True)))


def _f1_by_label(comparison: ModelComparison, outcomes: Outcomes) -> defaultdict[str, float]:
    tally: dict[str, list[int]] = {}
    for example, told in zip(comparison.examples, outcomes.predictions, strict=True):
        right, said = _found(example), _found(told)
        for name, good in [*((label, 2) for label, *_ in right & said), *((label, 0) for label, *_ in right ^ said)]:
            counted = tally.setdefault(name, [0, 0])
            counted[0] += good
            counted[1] += good or 1
    return defaultdict(float, {name: good / total for name, (good, total) in tally.items()})


def _found(told: Example | Prediction) -> frozenset[tuple[Any, ...]]:
    """What is to be found, as tuples that begin with a label."""
    if isinstance(told, Labelled | Labelling):
        return frozenset((label,) for label in told.labels)
    spans: Any = told.spans if isinstance(told, Tagged) else told
    return frozenset((span.type, span.start, span.end) for span in spans)


def _labels(example: Example) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label for label, *_ in sorted(_found(example))))


def _told(prediction: Prediction) -> tuple[str, ...]:
    return tuple(sorted(label for label, *_ in _found(prediction)))


def _only(labels: tuple[str, ...]) -> str:
    return labels[0] if labels else _NOTHING


def _confidence(prediction: Prediction) -> float:
    confidence = prediction.confidence if isinstance(prediction, Labelling) else None
    return 0.0 if confidence is None else confidence


def _has_confidence(outcomes: Outcomes) -> bool:
    return any(isinstance(each, Labelling) and each.confidence is not None for each in outcomes.predictions)
