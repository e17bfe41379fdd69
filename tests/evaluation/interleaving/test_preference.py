from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from openaisle.errors import ExperimentError
from openaisle.evaluation.interleaving import Impression, preference, read_impressions
from openaisle.evaluation.interleaving.preference import sign_test


def test_the_sign_test_is_the_worked_example_and_scipys() -> None:
    assert sign_test(9, 1) == pytest.approx(2 * (1 + 10) / 1024)
    assert sign_test(0, 0) == sign_test(5, 5) == 1.0
    binomtest = pytest.importorskip("scipy.stats").binomtest
    for wins, losses in ((3, 8), (60, 40), (1_100, 1_000), (2_600, 2_401), (20_300, 20_000)):
        assert sign_test(wins, losses) == pytest.approx(binomtest(wins, wins + losses).pvalue, rel=2e-3)


def test_the_test_raises_few_false_alarms_and_the_margin_covers() -> None:
    generator = np.random.default_rng(0)
    alarms = covered = 0
    for _ in range(1_000):
        outcomes = generator.choice(3, 200, p=[0.3, 0.3, 0.4])
        impressions = [Impression(str(n), {"x": float(o == 0), "y": float(o == 1)}) for n, o in enumerate(outcomes)]
        found = preference(("x", "y"), impressions)
        alarms += found.preferred != ""
        covered += found.margin.low <= 0 <= found.margin.high
    assert alarms / 1_000 <= 0.05
    assert covered / 1_000 == pytest.approx(0.95, abs=0.02)


def test_a_shopper_with_many_pages_has_one_vote() -> None:
    pages = [Impression("busy", {"x": 1.0, "y": 0.0})] * 50 + [Impression(f"u{n}", {"y": 1.0}) for n in range(3)]
    found = preference(("x", "y"), [*pages, Impression("idle", {})])
    assert (found.wins, found.losses, found.ties) == (1, 3, 1)
    assert found.credit == {"x": 50.0, "y": 3.0}
    assert found.preferred == ""


def test_no_impressions_prefer_nobody() -> None:
    found = preference(("x", "y"), [])
    assert (found.wins, found.p_value, found.margin.mean, found.preferred) == (0, 1.0, 0.0, "")


def write(folder: Path, text: str) -> Path:
    file = folder / "log.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_log_is_added_up_by_impression(tmp_path: Path) -> None:
    log = "impression,unit,team,credit\n1,u1,new,1\n1,u1,old,0\n1,u1,new,2\n1,u1,,5\n2,u2,old,1\n"
    teams, impressions = read_impressions(write(tmp_path, log))
    assert teams == ("new", "old")
    assert impressions == [Impression("u1", {"new": 3.0, "old": 0.0}), Impression("u2", {"old": 1.0})]
    log = log.replace("unit", "whoever")
    assert [each.unit for each in read_impressions(write(tmp_path, log))[1]] == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("impression,team,credit\n1,old,1\n", "holds 1 teams: old"),
        ("impression,team,credit\n1,,1\n", "holds 0 teams"),
        ("impression,team,credit\n1,a,1\n1,b,1\n1,c,1\n", "holds 3 teams"),
        ("impression,team,credit\n1,a,1\n1,b,-1\n", "line 3: credit '-1'"),
        ("impression,team,credit\n1,a,nan\n1,b,1\n", "line 2: credit 'nan'"),
        ("impression,team,credit\n,a,1\n1,b,1\n", "impression is empty"),
        ("impression,team,clicks\n1,a,1\n1,b,1\n", "no column credit"),
        ("impression,unit,team,credit\n1,u,a,1\n1,v,b,1\n", "line 3: unit 'v' differs from 'u'"),
    ],
)
def test_a_bad_log_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ExperimentError, match=says):
        read_impressions(write(tmp_path, text))
