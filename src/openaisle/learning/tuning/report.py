"""A tuning as one self-contained HTML page, with the same as JSON beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from openaisle.errors import StorageError
from openaisle.learning.comparison.drawing import AFTER, BAD, BEFORE, INK, draw, name_of
from openaisle.learning.comparison.page import Picture, figures, page, table
from openaisle.learning.tuning.space import Choice, Dimension
from openaisle.learning.tuning.trials import Finished, Tuned

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HTML, JSON = "report.html", "report.json"
_COLOURS = {"complete": AFTER, "pruned": BEFORE, "failed": BAD}


def write_tuning(tuned: Tuned, folder: Path, recipe: str) -> Path:
    """Write report.html and report.json into `folder`; `recipe` is the best one as TOML. Raises `StorageError`."""
    try:
        (folder / JSON).write_bytes(orjson.dumps(tuned.as_dict(), option=orjson.OPT_INDENT_2))
        (folder / HTML).write_text(as_html(tuned, recipe), encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"The report cannot be written to {folder}: {error.strerror}.", "Make room or choose another folder."
        ) from error
    return folder / HTML


def as_html(tuned: Tuned, recipe: str) -> str:
    return page("Tuning", _parts(tuned, recipe))


def _parts(tuned: Tuned, recipe: str) -> Iterable[str]:
    yield f"<p>{escape(summary(tuned))}</p>"
    yield figures(_pictures(tuned))
    yield "<h2>The best recipe</h2>" + f"<pre>{escape(recipe)}</pre>"
    yield "<h2>What was varied</h2>" + _space(tuned)
    yield "<h2>Trials</h2>" + _trials(tuned)


def summary(tuned: Tuned) -> str:
    """The outcome in one or two sentences."""
    counts = {state: sum(each.state == state for each in tuned.trials) for state in _COLOURS}
    told = ", ".join(f"{number} {state}" for state, number in counts.items() if number)
    best = f"Best {tuned.metric} on the validation split: {tuned.best.value:.4f}, trial {tuned.best.number} of {told}."
    if tuned.written is None or tuned.written.value is None:
        return best
    return f"{best} The recipe as written: {tuned.written.value:.4f}."


def _space(tuned: Tuned) -> str:
    rows = (
        [
            f"<code>{escape(each.key)}</code>",
            escape(each.describe()),
            escape(_shown(tuned.best.values[each.key])),
            f"{tuned.importance[each.key]:.0%}" if each.key in tuned.importance else "–",
        ]
        for each in tuned.dimensions
    )
    note = (
        "<p>Importance is a key's share of what varied the metric in these trials; with few trials, and wherever "
        "pruning left the bad corners unfinished, it is a hint.</p>"
    )
    return table(["key", "values", "best", "importance"], rows) + note


def _trials(tuned: Tuned) -> str:
    keys = [each.key for each in tuned.dimensions]
    rows = (
        [
            str(each.number),
            f"{each.state}{f'<br><small>{escape(each.failure)}</small>' if each.failure else ''}",
            "–" if each.value is None else f"{each.value:.4f}",
            *(escape(_shown(each.values[key])) for key in keys),
            f"{each.seconds:.1f} s",
        ]
        for each in tuned.trials
    )
    return table(["trial", "state", escape(tuned.metric), *map(escape, keys), "time"], rows)


def _pictures(tuned: Tuned) -> Iterator[Picture]:
    yield _history(tuned)
    if tuned.importance:
        yield _importance(tuned)
    if any(len(each.course) > 1 for each in tuned.trials):
        yield _courses(tuned)
    for dimension in tuned.dimensions:
        yield _slice(tuned, dimension)


def _history(tuned: Tuned) -> Picture:
    def paint(axes: Axes) -> None:
        _scatter(axes, [each.number for each in tuned.trials], tuned.trials)
        complete = [each for each in tuned.trials if each.state == "complete"]
        best = (np.maximum if tuned.higher_is_better else np.minimum).accumulate(
            [each.value or 0.0 for each in complete]
        )
        axes.step([each.number for each in complete], best, where="post", color=INK, linewidth=1, label="best so far")
        axes.set_xlabel("trial")
        axes.set_ylabel(tuned.metric)
        axes.locator_params(axis="x", integer=True)
        axes.legend()

    return draw("Every trial, and the best so far", paint)


def _importance(tuned: Tuned) -> Picture:
    names, shares = list(tuned.importance)[::-1], list(tuned.importance.values())[::-1]

    def paint(axes: Axes) -> None:
        bars = axes.barh([name_of(name) for name in names], shares, color=AFTER, height=0.6)
        axes.bar_label(bars, [f"{share:.0%}" for share in shares], padding=3)
        axes.set_xlabel(f"share of what varied {tuned.metric}")

    return draw("Which keys matter", paint, 1.2 + 0.3 * len(names))


def _courses(tuned: Tuned) -> Picture:
    def paint(axes: Axes) -> None:
        for each in tuned.trials:
            colour, width = (AFTER, 2.0) if each is tuned.best else (_COLOURS[each.state], 0.8)
            axes.plot(range(len(each.course)), each.course, color=colour, linewidth=width, alpha=0.9)
        axes.set_xlabel("validation")
        axes.set_ylabel(tuned.metric)
        axes.locator_params(axis="x", integer=True)

    return draw("The course of each trial; the best is thick, pruned ones are grey", paint)


def _slice(tuned: Tuned, dimension: Dimension) -> Picture:
    def paint(axes: Axes) -> None:
        values: list[Any] = [each.values[dimension.key] for each in tuned.trials]
        if isinstance(dimension, Choice):
            places = [dimension.choices.index(value) for value in values]
            axes.set_xticks(range(len(dimension.choices)), [name_of(str(each)) for each in dimension.choices])
            axes.margins(x=0.1)
            _scatter(axes, places, tuned.trials)
        else:
            _scatter(axes, values, tuned.trials)
            if dimension.log:
                axes.set_xscale("log")
                axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")  # its own labels are formulas
                axes.xaxis.set_minor_formatter(lambda value, _: "")
        axes.set_xlabel(dimension.key)
        axes.set_ylabel(tuned.metric)

    return draw(f"{tuned.metric} by {dimension.key}", paint, 2.4)


def _scatter(axes: Axes, places: list[Any], trials: tuple[Finished, ...]) -> None:
    for state, colour in _COLOURS.items():
        found = [
            (place, each.value)
            for place, each in zip(places, trials, strict=True)
            if each.state == state and each.value is not None
        ]
        if found:
            across, up = zip(*found, strict=True)
            axes.scatter(across, up, s=18, color=colour, linewidths=0, label=state)


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
