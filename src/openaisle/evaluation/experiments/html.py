"""An analysis as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from openaisle.evaluation.experiments.analysis import Analysis, Effect, Look
from openaisle.evaluation.experiments.figures import lift, p_value, range_of, summary
from openaisle.evaluation.render.page import page, table

_COLOURS = {"better": "better", "worse": "worse", "unclear": "no"}


def as_html(analysis: Analysis, looks: Sequence[Look] = ()) -> str:
    """The page; `looks` are added as a table of what each look would have shown."""
    notices = "".join(f'<p class="worse">{escape(notice)}</p>' for notice in analysis.notices)
    parts = [f"<p>{escape(summary(analysis))}</p>{notices}", _sample(analysis), _effects(analysis)]
    if looks:
        parts.append("<h2>Looks</h2>" + _looks(looks))
    return page(f"Experiment {analysis.experiment.name}", parts)


def _sample(analysis: Analysis) -> str:
    ratio = analysis.sample_ratio
    rows = [[escape(name), f"{count:,}", f"{ratio.expected[name]:,.1f}"] for name, count in ratio.counted.items()]
    return f"<h2>Sample</h2>{table(['variant', 'units', 'expected'], rows)}<p>p = {p_value(ratio.p_value)}</p>"


def _effects(analysis: Analysis) -> str:
    heads = ["metric", "variant", "control", "treatment", "difference", "lift", "p", "adjusted p", "verdict"]
    return "<h2>Effects</h2>" + table(heads, [_effect(effect) for effect in analysis.effects])


def _effect(effect: Effect) -> list[str]:
    return [
        escape(effect.metric),
        escape(effect.variant),
        f"{effect.control:.5g}",
        f"{effect.treatment:.5g}",
        range_of(effect.difference),
        lift(effect.lift),
        p_value(effect.p_value),
        p_value(effect.adjusted_p),
        f'<b class="{_COLOURS[effect.verdict]}">{effect.verdict}</b>',
    ]


def _looks(looks: Sequence[Look]) -> str:
    rows = [
        [escape(look.metric), escape(look.variant), f"{look.units:,}", range_of(look.difference), p_value(look.p_value)]
        for look in looks
    ]
    return table(["metric", "variant", "units", "difference", "smallest p so far"], rows)
