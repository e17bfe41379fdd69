"""card.md: what a person needs to know of a model before relying on it, generated from its lineage.

The headings follow "Model Cards for Model Reporting" (Mitchell et al., 2019).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from openaisle.models.manifest import FILE as MANIFEST
from openaisle.models.manifest import read_manifest
from openaisle.models.registry.lineage import Lineage, Measured

FILE = "card.md"
_PURPOSE = {
    "match": "Turns queries and products into vectors that lie close where a product answers a query.",
    "simcse": "Turns queries and products into vectors; it learned from texts alone, without judgments.",
    "tsdae": "Turns queries and products into vectors; it learned from texts alone, without judgments.",
    "distil": "Turns queries and products into vectors like those of a larger teacher, at less cost.",
    "rerank": "Reads a query with a product and scores how well the product answers; for the top results only.",
    "classify": "Puts a text into one of several classes.",
    "multilabel": "Says which of several labels a text carries.",
    "regress": "Gives a text a number.",
    "tag": "Marks the spans of a text that name something.",
    "mlm": "A language model adapted to this shop's texts, as a base for further training; it answers nothing itself.",
}
_USE = {
    "match": "promote",
    "simcse": "promote",
    "tsdae": "promote",
    "distil": "promote",
    "rerank": "promote",
}


def write_card(folder: Path, reference: str, lineage: Lineage) -> None:
    (folder / FILE).write_text(card(folder, reference, lineage), encoding="utf-8")


def card(folder: Path, reference: str, lineage: Lineage) -> str:
    """The card of the version in `folder`, as Markdown."""
    parts = (
        (f"# {reference}", [_PURPOSE.get(lineage.task, f"A model for the task {lineage.task}.")]),
        ("## Base and licence", _origin(lineage)),
        ("## Data", _data(lineage)),
        ("## Training", _training(lineage)),
        ("## Quality", _quality(lineage)),
        ("## Limits", _limits(folder, lineage)),
        ("## How to use it", _use(reference, lineage)),
    )
    return "\n\n".join("\n".join([heading, "", *lines]) for heading, lines in parts) + "\n"


def _origin(lineage: Lineage) -> Iterator[str]:
    yield f"- Base: {_plain(lineage.base)}"
    if lineage.parent:
        yield f"- Trained on from: {_plain(lineage.parent)}"
    yield f"- Licence: {_plain(lineage.licence) or 'not stated'}"


def _data(lineage: Lineage) -> Iterator[str]:
    data = lineage.data
    if data.source:
        yield f"- Source: {_plain(data.source)}"
    yield f"- Digest: `{_plain(data.digest)}`"
    if data.counts:
        yield f"- Examples: {_counted(data.counts)}"
    if data.languages:
        yield f"- Languages: {_shares(data.languages)}"


def _training(lineage: Lineage) -> Iterator[str]:
    yield f"- When: {lineage.created_at:%Y-%m-%d %H:%M %Z}".rstrip()
    yield f"- How long: {_duration(lineage.seconds)}" + (f" on {_plain(lineage.hardware)}" if lineage.hardware else "")
    yield f"- OpenAisle {_plain(lineage.code)}, seed {lineage.seed}"
    for name, value in lineage.parameters.items():
        yield f"- {_plain(name)}: {_plain(value)}"
    if lineage.recipe.strip():
        fence = "~" * 12
        yield from ("", "The recipe:", "", f"{fence}toml", lineage.recipe.strip(), fence)


def _quality(lineage: Lineage) -> Iterator[str]:
    if not lineage.after:
        yield "Not measured: there was no test split."
        return
    yield "On the test split, which no training saw; in brackets the 95 % interval."
    yield from ("", "| metric | before | after | change |", "|---|---|---|---|")
    for name, after in lineage.after.items():
        before = lineage.before.get(name)
        change = "" if before is None else f"{after.mean - before.mean:+.4f}"
        yield f"| {_plain(name)} | {_measured(before)} | {_measured(after)} | {change} |"
    if lineage.guarded:
        allowed = ", ".join(f"{_plain(name)} by more than {fall:g}" for name, fall in lineage.guarded.items())
        yield from ("", f"Promotion is refused where this falls: {allowed}.")


def _limits(folder: Path, lineage: Lineage) -> Iterator[str]:
    if (folder / MANIFEST).exists():
        manifest = read_manifest(folder)
        yield f"- Text beyond {manifest.max_tokens} tokens is not read; vectors have {manifest.dimensions} dimensions."
    if lineage.data.languages:
        yield f"- It learned from {', '.join(map(_plain, lineage.data.languages))}; other languages were not measured."
    yield "- The figures hold for this shop's queries and products; for another catalogue, measure again."
    if "click" in lineage.data.source:
        yield "- Clicks favour what was shown high before; judged queries tell of quality more surely."


def _use(reference: str, lineage: Lineage) -> Iterator[str]:
    if lineage.task in _USE:
        yield from ("```", f"openaisle models {_USE[lineage.task]} SHOP {reference}", "```")
        yield from ("", "The way back, within seconds: `openaisle models rollback SHOP`.")
    else:
        yield f'As a base of further training: `base = "{reference}"` in a recipe.'


def _measured(value: Measured | None) -> str:
    if value is None:
        return "–"
    interval = "" if value.low is None or value.high is None else f" [{value.low:.4f}, {value.high:.4f}]"
    return f"{value.mean:.4f}{interval}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{_plain(name)} {count:,}" for name, count in counts.items())


def _shares(counts: Mapping[str, int]) -> str:
    total = sum(counts.values()) or 1
    return ", ".join(f"{_plain(name)} {count / total:.0%}" for name, count in counts.items())


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min" if seconds < 7200 else _hours(seconds)


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h"


def _plain(value: object) -> str:
    """Text from outside on one line of Markdown, unable to open a tag or a column of its own."""
    return " ".join(str(value).split()).replace("<", "&lt;").replace("|", "\\|")
