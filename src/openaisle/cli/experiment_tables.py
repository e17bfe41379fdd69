"""Tables of `openaisle experiment`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from openaisle.cli.output import console, one_line

if TYPE_CHECKING:
    from openaisle.evaluation.experiments import Analysis
    from openaisle.evaluation.interleaving import Preference
    from openaisle.evaluation.off_policy import OffPolicy
    from openaisle.evaluation.uplift import Decile, Uplift

_TARGETS = {
    "policy": "the given policy",
    "columns": "the policy in the columns",
    "target": "the policy in the column target",
    "uniform": "every action with one probability",
}


def show_analysis(analysis: Analysis) -> None:
    from openaisle.evaluation.experiments.figures import lift, p_value, range_of, summary

    rows = [
        (
            effect.metric,
            effect.variant,
            f"{effect.control:.5g}",
            f"{effect.treatment:.5g}",
            range_of(effect.difference),
            lift(effect.lift),
            p_value(effect.adjusted_p),
            effect.verdict,
        )
        for effect in analysis.effects
    ]
    _table(("metric", "variant", "control", "treatment", "difference", "lift", "p", "verdict"), rows)
    ratio = analysis.sample_ratio
    counts = ", ".join(f"{name} {count:,} of {ratio.expected[name]:,.0f}" for name, count in ratio.counted.items())
    _lines([summary(analysis), f"Units counted of expected: {counts}; p = {p_value(ratio.p_value)}."])
    _lines(analysis.notices, "! ")


def show_preference(found: Preference) -> None:
    from openaisle.evaluation.experiments.figures import p_value, range_of

    _table(
        ("ranking", "credit", "units won"),
        [
            (found.first, f"{found.credit[found.first]:g}", f"{found.wins:,}"),
            (found.second, f"{found.credit[found.second]:g}", f"{found.losses:,}"),
        ],
    )
    preferred = f"{found.preferred} is preferred" if found.preferred else "No clear preference"
    _lines(
        [
            f"{preferred}: margin of {found.first} {range_of(found.margin)}, {found.ties:,} ties, "
            f"p = {p_value(found.p_value)}."
        ]
    )


def show_off_policy(found: OffPolicy, target: str) -> None:
    from openaisle.evaluation.experiments.figures import range_of

    rows = [(name, range_of(each.value).lstrip("+"), range_of(each.gain)) for name, each in found.estimates.items()]
    _table(("estimator", "value", "gain on the log"), rows)
    support = found.overlap
    unseen = "" if support.unseen is None else f", {support.unseen:.1%} on actions never taken"
    _lines(
        [
            f"Target: {_TARGETS[target]}; the log earned {range_of(found.logged).lstrip('+')} "
            f"a decision over {support.decisions:,}.",
            f"Worth {support.effective_sample_size:,.0f} decisions of the target policy, largest weight "
            f"{support.largest_weight:.3g}, mean weight {support.mean_weight.mean:.3f}{unseen}.",
        ]
    )
    if "dm" in found.estimates:
        _lines(["The interval of dm leaves out what its model gets wrong."])
    _lines(found.notices, "! ")


def show_uplift(found: Mapping[str, Uplift], control: str) -> None:
    from openaisle.evaluation.experiments.figures import p_value, range_of

    for arm, each in found.items():
        average = each.average
        _lines(
            [
                f"{arm} against {control}: average effect {range_of(average.effect)}, p = {p_value(average.p_value)}; "
                f"adjusted {range_of(each.adjusted)}."
            ]
        )
        rows = [
            (name, range_of(measured.qini.coefficient), *_ends(measured.deciles))
            for name, measured in each.learners.items()
        ]
        _table(("learner", "Qini coefficient", "highest tenth", "lowest tenth"), rows)
        _lines([f"Measured on {each.held_out:,} units held out; learned from {each.learned_from:,}."])


def _ends(deciles: Sequence[Decile]) -> tuple[str, str]:
    from openaisle.evaluation.experiments.figures import range_of

    first, last = (deciles[place].effect for place in (0, -1))
    return ("–" if first is None else range_of(first), "–" if last is None else range_of(last))


def _table(headings: Iterable[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    console().print(table)


def _lines(lines: Iterable[str], mark: str = "") -> None:
    from rich.text import Text

    for line in lines:
        console().print(Text(f"{mark}{one_line(line)}", "yellow" if mark else ""), soft_wrap=True)
