"""A comparison as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from openaisle.evaluation.render.figures import interval, signed
from openaisle.learning.comparison.change import ExampleChange, MetricChange
from openaisle.learning.comparison.compare import ModelComparison
from openaisle.learning.comparison.details import detail
from openaisle.learning.comparison.gate import GateDecision
from openaisle.learning.comparison.history import History
from openaisle.learning.comparison.page import figures, page, table, verdict
from openaisle.learning.comparison.pictures import pictures

_CHANGES = 25


def as_html(
    comparison: ModelComparison,
    *,
    history: History | None = None,
    decision: GateDecision | None = None,
    facts: Mapping[str, str] | None = None,
) -> str:
    """The comparison as a page. `facts` (name → text) tell what was trained, from what, in how long."""
    title = f"{comparison.after.name} against {comparison.before.name}"
    return page(title, _parts(comparison, history, decision, facts or {}))


def _parts(
    comparison: ModelComparison, history: History | None, decision: GateDecision | None, facts: Mapping[str, str]
) -> Iterable[str]:
    yield f"<p>{escape(_scope(comparison))}</p>"
    if decision is not None:
        yield _gate(decision)
    yield _metrics(comparison)
    yield figures(pictures(comparison, history))
    if comparison.slices:
        yield _slices(comparison)
    change = comparison.metrics[comparison.primary]
    yield f"<h2>Lost most, {escape(comparison.primary)}</h2>" + _changes(comparison, change.losses)
    yield f"<h2>Won most, {escape(comparison.primary)}</h2>" + _changes(comparison, change.wins)
    if facts:
        yield "<h2>How it was made</h2>" + table(
            ["what", "value"], ([escape(name), escape(value)] for name, value in facts.items())
        )


def _scope(comparison: ModelComparison) -> str:
    return (
        f"{comparison.task}, {len(comparison.examples):,} examples of the test split, which neither training nor the "
        "choice of a checkpoint saw; figures with 95 % bootstrap intervals."
    )


def _gate(decision: GateDecision) -> str:
    words = "better: may be promoted" if decision.passed else "worse: must not be promoted"
    kind, _, said = words.partition(": ")
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in decision.reasons)
    return f'<p><b class="{kind}">The gate says: {said}.</b></p><ul>{reasons}</ul>'


def _metrics(comparison: ModelComparison) -> str:
    heads = [
        "metric",
        *map(escape, (comparison.before.name, comparison.after.name)),
        "difference",
        "p",
        "won / tied / lost",
        "verdict",
    ]
    return table(heads, map(_metric, comparison.metrics.values()))


def _metric(change: MetricChange) -> list[str]:
    name = f"{change.metric} (lower is better)" if change.lower_is_better else change.metric
    standing = f"{len(change.wins)} / {change.ties} / {len(change.losses)}"
    alone = change.wins or change.losses or change.ties
    return [
        escape(name),
        interval(change.before),
        interval(change.after),
        signed(change.difference),
        f"{change.p_value:.4f}",
        standing if alone else "–",
        verdict(change.verdict),
    ]


def _slices(comparison: ModelComparison) -> str:
    rows = (
        [
            escape(each.kind),
            escape(each.name),
            f"{each.examples:,}",
            f"{each.before.mean:.4f}",
            f"{each.after.mean:.4f}",
            signed(each.difference),
            f"{each.p_value:.4f}",
            verdict(each.verdict),
        ]
        for each in comparison.slices
    )
    heads = ["by", "slice", "examples", "before", "after", "difference", "p", "verdict"]
    return (
        f"<h2>Slices, {escape(comparison.primary)}</h2><p>With many slices, one in twenty seems to differ by chance "
        f"alone: take a slice's verdict as a hint of where to look.</p>{table(heads, rows)}"
    )


def _changes(comparison: ModelComparison, changes: tuple[ExampleChange, ...]) -> str:
    rows = [
        [
            _unfolding(comparison, each),
            f"{each.before:.3f}",
            f"{each.after:.3f}",
            f"{each.difference:+.3f}",
        ]
        for each in changes[:_CHANGES]
    ]
    return table(["example", "before", "after", "difference"], rows) if rows else "<p>None.</p>"


def _unfolding(comparison: ModelComparison, change: ExampleChange) -> str:
    """The example's text, behind which is what was expected and what either model said."""
    said = detail(comparison, change.place)
    if not said:
        return escape(change.text)
    lists = "".join(
        f"<p><small>{escape(name)}</small></p><ol>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ol>"
        for name, lines in said.items()
    )
    return f"<details><summary>{escape(change.text)}</summary>{lists}</details>"
