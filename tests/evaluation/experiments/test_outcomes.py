from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from openaisle.errors import ExperimentError
from openaisle.evaluation.experiments import Experiment, Metric, read_outcomes, read_undefined

GOOD = "unit,variant,spend,covariate\nu1,control,1.5,1\nu2,new,2,\nu3,control,0,2\nu4,new,3,4\n"


def write(folder: Path, text: str) -> Path:
    file = folder / "outcomes.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_without_a_definition_explains_itself(tmp_path: Path) -> None:
    experiment, outcomes = read_undefined(write(tmp_path, GOOD))
    assert (experiment.baseline, experiment.treatments) == ("control", ("new",))
    assert experiment.metrics == (Metric("spend", covariate="covariate"),)
    assert outcomes.counted() == {"control": 2, "new": 2}
    assert outcomes.columns["spend"].tolist() == [1.5, 2, 0, 3]
    assert np.isnan(outcomes.columns["covariate"][1])
    assert read_undefined(write(tmp_path, GOOD), control="new")[0].baseline == "new"


def test_gzip_tabs_and_other_names_are_read(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.tsv.gz"
    file.write_bytes(gzip.compress(GOOD.replace(",", "\t").replace("unit", "shopper").encode()))
    assert len(read_undefined(file, called={"unit": "shopper"})[1]) == 4


def test_a_defined_experiment_says_which_columns_count(tmp_path: Path) -> None:
    experiment = Experiment("e", {"control": 1, "new": 1}, metrics=(Metric("per unit of covariate", "spend"),))
    assert set(read_outcomes(write(tmp_path, GOOD), experiment).columns) == {"spend"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("unit,variant,spend\n", "no rows"),
        ("unit,variant,spend\nu1,a\n", "line 2: 2 fields"),
        ("unit,unit,spend\nu1,a,1\n", "twice"),
        ("unit,varaint,spend\nu1,a,1\n", "Did you mean varaint"),
        ("unit,variant,spend\nu1,a,1\nu2,a,2\n", "one variant only"),
        ("unit,variant,spend\nu1,a,1\nu2,b,nan\n", "line 3: spend 'nan'"),
        ("unit,variant,spend\nu1,a,inf\nu2,b,1\n", "line 2: spend 'inf'"),
        ("unit,variant,spend\nu1,a,1\nu2,b,\n", "line 3: spend is empty"),
        ("unit,variant,spend\nu1,a,1\nu2,b,two\n", "line 3: spend 'two'"),
        ("unit,variant,spend\nu1,a,1\n,b,2\n", "line 3: unit is empty"),
        ("unit,variant,spend\nu1,a,1\nu2,b,2\nu1,a,3\n", "line 4: unit 'u1' stands on line 2 already, in the same"),
        ("unit,variant,spend\nu1,a,1\nu2,b,2\nu1,b,3\n", "there in variant a"),
        ("unit,variant,spend\nu1,a,1\nu2,b,2\nu3,b,2\n", "variant a has 1 units"),
        ("unit,variant\nu1,a\nu2,b\nu3,b\nu4,a\n", "no metric"),
        ("unit,variant,spend,covariate\nu1,a,1,x\nu2,b,2,1\n", "covariate 'x'"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ExperimentError, match=says):
        read_undefined(write(tmp_path, text))


def test_an_unknown_variant_is_named(tmp_path: Path) -> None:
    experiment = Experiment("e", {"control": 1, "other": 1}, metrics=(Metric("spend"),))
    with pytest.raises(ExperimentError, match=r"line 3: variant 'new' is none of .*control, other"):
        read_outcomes(write(tmp_path, GOOD), experiment)
    with pytest.raises(ExperimentError, match="no variant nobody"):
        read_undefined(write(tmp_path, GOOD), control="nobody")
