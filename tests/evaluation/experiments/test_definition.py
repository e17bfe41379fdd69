from __future__ import annotations

from pathlib import Path

import pytest

from openaisle.errors import ExperimentError
from openaisle.evaluation.experiments import read_experiment

GOOD = """
name = "free-delivery"
share = 0.5
planned_units = 20000
correction = "bh"

[variants]
plain = 60
free = 40

[[metrics]]
name = "spend"
covariate = "spend_before"

[[metrics]]
name = "click rate"
value = "clicks"
per = "pages"
"""


def read(tmp_path: Path, text: str) -> object:
    file = tmp_path / "experiment.toml"
    file.write_text(text, encoding="utf-8")
    return read_experiment(file)


def test_an_experiment_is_read(tmp_path: Path) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text(GOOD, encoding="utf-8")
    experiment = read_experiment(file)
    assert (experiment.baseline, experiment.treatments) == ("plain", ("free",))
    assert [metric.column for metric in experiment.metrics] == ["spend", "clicks"]
    assert (experiment.share, experiment.planned_units, experiment.alpha) == (0.5, 20_000, 0.05)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("free = 40", ""), "variants"),
        (("free = 40", "free = 0"), "variants.free"),
        (("free = 40", "free = true"), "variants.free"),
        (("free = 40", "free = nan"), "variants.free"),
        (("share = 0.5", "share = 1.5"), "share"),
        (("share = 0.5", "shares = 0.5"), "shares"),
        (("share = 0.5", 'control = "none"'), "control"),
        (('name = "click rate"', 'name = "spend"'), "two metrics"),
        (('name = "click rate"', 'nome = "click rate"'), "metrics.1"),
        (('correction = "bh"', 'correction = "all"'), "correction"),
        (("share = 0.5", "share = "), "not valid TOML"),
        (('name = "free-delivery"', ""), "name"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    with pytest.raises(ExperimentError, match=says):
        read(tmp_path, GOOD.replace(*change))


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match="cannot be read"):
        read_experiment(tmp_path / "nothing.toml")
