"""`openaisle experiment` from the outside: files in, tables or one JSON object out, bad files refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from openaisle.evaluation.experiments import Bucketing, read_experiment

Run = Callable[..., Result]
RunJson = Callable[..., dict[str, Any]]

DEFINITION = """
name = "free-delivery"
planned_units = 2000
[variants]
plain = 1
free = 1
[[metrics]]
name = "spend"
covariate = "before"
[[metrics]]
name = "click rate"
value = "clicks"
per = "pages"
"""


@pytest.fixture
def definition(tmp_path: Path) -> Path:
    file = tmp_path / "experiment.toml"
    file.write_text(DEFINITION, encoding="utf-8")
    return file


@pytest.fixture
def outcomes(tmp_path: Path, definition: Path) -> Path:
    """2,000 units assigned by the definition; free delivery adds 2 to a spend of 10 ± 5."""
    generator = np.random.default_rng(0)
    bucketing = Bucketing.of(read_experiment(definition))
    lines = ["unit,variant,spend,before,clicks,pages"]
    for number in range(2_000):
        variant = bucketing.variant(f"u{number}")
        before = generator.normal(10, 4)
        spend = before + generator.normal(0, 3) + 2 * (variant == "free")
        pages = generator.integers(1, 9)
        lines.append(f"u{number},{variant},{spend:.3f},{before:.3f},{generator.binomial(pages, 0.2)},{pages}")
    file = tmp_path / "outcomes.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_assign_says_the_same_every_time(run: Run, run_json: RunJson, definition: Path, tmp_path: Path) -> None:
    more = write(tmp_path, "units.txt", "u3\nu4\n")
    body = run_json("experiment", "assign", definition, "u1", "u2", "--from", more)
    bucketing = Bucketing.of(read_experiment(definition))
    assert body["experiment"] == "free-delivery"
    assert [each["unit"] for each in body["assignments"]] == ["u1", "u2", "u3", "u4"]
    assert all(each["variant"] == bucketing.variant(each["unit"]) for each in body["assignments"])
    printed = run("experiment", "assign", definition, "u1", "a,b").stdout
    assert printed == f'unit,variant\nu1,{bucketing.variant("u1")}\n"a,b",{bucketing.variant("a,b")}\n'
    assert "No unit" in run_json("experiment", "assign", definition, status=2)["error"]["detail"]


def test_plan_tells_size_and_power(run: Run, run_json: RunJson) -> None:
    body = run_json("experiment", "plan", "--rate", 0.03, "--effect", 0.003)
    assert body["units"] == pytest.approx(4 * (1.959964 + 0.841621) ** 2 * 0.03 * 0.97 / 0.003**2, abs=2)
    assert run_json("experiment", "plan", "--deviation", 2, "--effect", 0.25, "--units", 2_010)[
        "power"
    ] == pytest.approx(0.8, abs=0.001)
    assert "2,010 units in all see" in run("experiment", "plan", "--deviation", 2, "--effect", 0.25).stdout
    assert "smallest" in run("experiment", "plan", "--deviation", 2, "--effect", 0.25, "--units", 900).stdout
    for wrong in (("--effect", 1), ("--effect", 1, "--rate", 0.1, "--deviation", 1)):
        assert "--rate or --deviation" in run_json("experiment", "plan", *wrong, status=2)["error"]["detail"]


@pytest.mark.parametrize("looking", [(), ("--sequential",)])
def test_analyse_finds_the_effect(
    run: Run, run_json: RunJson, outcomes: Path, definition: Path, tmp_path: Path, looking: tuple[str, ...]
) -> None:
    page = tmp_path / "page.html"
    call = ("experiment", "analyse", outcomes, "--experiment", definition, *looking, "--report", page)
    body = run_json(*call)
    spend, rate = body["effects"]
    assert (spend["metric"], spend["verdict"], rate["verdict"]) == ("spend", "better", "unclear")
    assert spend["difference"]["low"] < 2 < spend["difference"]["high"]
    assert spend["variance_removed"] > 0.5
    assert not body["sample_ratio"]["mismatch"]
    assert body["inference"] == ("sequential" if looking else "fixed")
    assert len(body.get("looks", [])) == (40 if looking else 0)
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    printed = run(*call).stdout
    assert "better" in printed
    assert "2,000 units against plain" in printed


def test_a_file_alone_can_be_analysed(run_json: RunJson, outcomes: Path) -> None:
    body = run_json("experiment", "analyse", outcomes, "--control", "plain")
    assert {effect["metric"] for effect in body["effects"]} == {"spend", "before", "clicks", "pages"}
    renamed = run_json("experiment", "analyse", outcomes, "--control", "plain", "--column", "covariate=before")
    assert {effect["metric"] for effect in renamed["effects"]} == {"spend", "clicks", "pages"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("unit,variant,spend\nu1,a,1\nu2,a,2\n", "one variant only"),
        ("unit,variant,spend\nu1,a,1\nu2,b,nan\n", "line 3: spend 'nan'"),
        ("unit,variant,spend\nu1,a,1\nu1,b,2\n", "line 3: unit 'u1' stands on line 2 already"),
    ],
)
def test_analyse_refuses_what_it_cannot_use(run: Run, run_json: RunJson, tmp_path: Path, text: str, says: str) -> None:
    file = write(tmp_path, "bad.csv", text)
    error = run_json("experiment", "analyse", file, status=2)["error"]
    assert error["type"] == "ExperimentError"
    assert says in error["detail"]
    printed = run("experiment", "analyse", file)
    assert printed.stderr.startswith("error: ")
    assert printed.stderr.count("\n") == 1


def test_unknown_variants_and_columns_are_refused(run_json: RunJson, definition: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "bad.csv", "unit,variant,spend,before,clicks,pages\nu1,plain,1,1,1,1\nu2,paid,1,1,1,1\n")
    error = run_json("experiment", "analyse", file, "--experiment", definition, status=2)["error"]
    assert "line 3: variant 'paid'" in error["detail"]
    error = run_json("experiment", "analyse", file, "--column", "unit=nobody", status=2)["error"]
    assert "no column nobody" in error["detail"]
    assert "OUR=THEIRS" in run_json("experiment", "analyse", file, "--column", "x", status=2)["error"]["detail"]


def test_interleave_tells_who_is_preferred(run: Run, run_json: RunJson, tmp_path: Path) -> None:
    rows = [f"{n},{'new' if n % 4 else 'old'},1" for n in range(80)]
    file = write(tmp_path, "log.csv", "impression,team,credit\n" + "\n".join(rows) + "\n")
    body = run_json("experiment", "interleave", file)
    assert (body["preferred"], body["wins"], body["losses"]) == ("new", 60, 20)
    assert "new is preferred" in run("experiment", "interleave", file).stdout
    error = run_json(
        "experiment", "interleave", write(tmp_path, "one.csv", "impression,team,credit\n1,a,1\n"), status=2
    )
    assert "1 teams" in error["error"]["detail"]


def decisions(folder: Path) -> Path:
    """Three actions logged with known chances; action c is twice as good as the others."""
    generator = np.random.default_rng(1)
    chances = {"a": 0.5, "b": 0.3, "c": 0.2}
    lines = ["item,reward,propensity,device,wanted"]
    for _ in range(1_500):
        action = generator.choice(list(chances), p=list(chances.values()))
        reward = int(generator.random() < (0.6 if action == "c" else 0.3))
        device = "phone" if generator.random() < 0.5 else "web"
        lines.append(f"{action},{reward},{chances[action]},{device},{1.0 if action == 'c' else 0.0}")
    return write(folder, "decisions.csv", "\n".join(lines) + "\n")


@pytest.mark.parametrize("interval", ["normal", "bootstrap"])
def test_off_policy_estimates_a_policy(run: Run, run_json: RunJson, tmp_path: Path, interval: str) -> None:
    pytest.importorskip("sklearn")
    policy = write(tmp_path, "policy.csv", "action,probability\nc,1\n")
    call = ("experiment", "off-policy", decisions(tmp_path), "--policy", policy, "--column", "action=item")
    body = run_json(*call, "--context", "device", "--interval", interval)
    assert (body["target"], set(body["estimates"])) == ("policy", {"ips", "snips", "dm", "dr"})
    for name in ("ips", "snips", "dr"):
        value = body["estimates"][name]["value"]
        assert value["low"] < 0.6 < value["high"]
        assert body["estimates"][name]["gain"]["low"] > 0
    assert body["overlap"]["unseen"] == 0
    assert "the given policy" in run(*call).stdout


def test_off_policy_takes_targets_of_taken_actions_or_none(run: Run, run_json: RunJson, tmp_path: Path) -> None:
    file = decisions(tmp_path)
    body = run_json("experiment", "off-policy", file, "--column", "target=wanted")
    assert (body["target"], set(body["estimates"])) == ("target", {"ips", "snips"})
    error = run_json("experiment", "off-policy", file, "--column", "target=wanted", "--context", "device", status=2)
    assert "--context" in error["error"]["detail"]
    pytest.importorskip("sklearn")
    assert "one probability" in run("experiment", "off-policy", file, "--column", "action=item").stdout


def test_off_policy_refuses_a_propensity_of_nothing(run_json: RunJson, tmp_path: Path) -> None:
    file = write(tmp_path, "bad.csv", "action,reward,propensity,target\na,1,0.5,1\nb,1,0,1\n")
    error = run_json("experiment", "off-policy", file, status=2)["error"]
    assert "line 3: propensity '0' is not a probability above 0" in error["detail"]


def trial(folder: Path) -> Path:
    generator = np.random.default_rng(2)
    lines = ["unit,arm,spend,age,channel"]
    for number in range(1_200):
        arm = ("none", "coupon")[number % 2]
        age = generator.integers(20, 70)
        spend = 10 + (arm == "coupon") * (age - 40) / 5 + generator.normal(0, 2)
        lines.append(f"u{number},{arm},{spend:.3f},{age},{'web' if generator.random() < 0.5 else 'shop'}")
    return write(folder, "trial.csv", "\n".join(lines) + "\n")


def test_uplift_learns_and_scores(run: Run, run_json: RunJson, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    new = write(tmp_path, "new.csv", "unit,age,channel\nold,68,web\nyoung,22,shop\n")
    out = tmp_path / "scores.csv"
    call = ("experiment", "uplift", trial(tmp_path), "--control", "none", "--features", "age,channel",
            "--column", "treatment=arm", "--column", "outcome=spend", "--learners", "t")  # fmt: skip
    body = run_json(*call, "--score", new, "--out", out)
    found = body["treatments"]["coupon"]
    assert found["average"]["effect"]["low"] < 0.9 < found["average"]["effect"]["high"]
    assert found["learners"]["t"]["qini"]["coefficient"]["low"] > 0
    header, old, young = (line.split(",") for line in out.read_text(encoding="utf-8").splitlines())
    assert header == ["unit", "uplift.coupon"]
    assert float(old[1]) > 2 > -2 > float(young[1])
    assert "coupon against none" in run(*call).stdout


def test_uplift_refuses_what_it_cannot_use(run_json: RunJson, tmp_path: Path) -> None:
    call = ("experiment", "uplift", trial(tmp_path), "--features", "age", "--column", "treatment=arm",
            "--column", "outcome=spend")  # fmt: skip
    for options, says in (
        (("--control", "nobody"), "no unit of the control nobody"),
        (("--control", "none", "--learners", "z"), "z is not one of t, x, dr"),
        (("--control", "none", "--score", "new.csv"), "--score and --out"),
    ):
        assert says in run_json(*call, *options, status=2)["error"]["detail"]
