from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from openaisle.errors import ExperimentError
from openaisle.evaluation.off_policy import (
    Bootstrap,
    TargetPolicy,
    decisions_in,
    evaluate,
    logged_target_in,
    read_policy,
)
from openaisle.evaluation.table import Table, read_table

LOG = "action,reward,propensity,slot,device\na,1,0.5,1,phone\nb,0,0.25,2,web\na,0,0.5,2,phone\nb,1,0.5,1,web\n"
OBD = Path(__file__).parents[4] / "shared" / "data" / "ads" / "obd_sample"
CALLED = {"action": "item_id", "reward": "click", "propensity": "propensity_score", "slot": "position"}


def write(folder: Path, text: str, name: str = "log.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def table(folder: Path, text: str) -> Table:
    return read_table(write(folder, text))


def test_a_log_is_read_with_its_context(tmp_path: Path) -> None:
    decisions, target = decisions_in(table(tmp_path, LOG), context=["device"])
    assert decisions.names == ("a", "b")
    assert decisions.actions.tolist() == [0, 1, 0, 1]
    assert decisions.context.tolist() == [[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 0, 1], [0, 1, 1, 0]]
    assert target.table.tolist() == [[0.5, 0.5]]


def test_a_policy_may_differ_by_slot_and_know_new_actions(tmp_path: Path) -> None:
    policy = write(tmp_path, "slot,action,probability\n1,a,1\n2,b,0.75\n2,c,0.25\n", "policy.csv")
    decisions, target = decisions_in(table(tmp_path, LOG), policy)
    assert decisions.names == ("a", "b", "c")
    assert target.of_logged(decisions).tolist() == [1, 0.75, 0, 0]
    assert read_policy(policy) == {"1": {"a": 1.0}, "2": {"b": 0.75, "c": 0.25}}


def test_a_policy_without_slots_counts_everywhere(tmp_path: Path) -> None:
    policy = write(tmp_path, "action,probability\na,0.3\nb,0.7\n", "policy.csv")
    decisions, target = decisions_in(table(tmp_path, LOG), policy)
    assert target.of_logged(decisions).tolist() == [0.3, 0.7, 0.3, 0.7]


def test_a_policy_may_differ_by_decision(tmp_path: Path) -> None:
    log = "action,reward,propensity,target.a,target.b\na,1,0.5,0.1,0.9\nb,0,0.5,0.6,0.4\n"
    decisions, target = decisions_in(table(tmp_path, log))
    assert target.of_logged(decisions).tolist() == [0.1, 0.4]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("action,reward,propensity\na,1,0\n", "line 2: propensity '0' is not a probability above 0"),
        ("action,reward,propensity\na,1,0.5\nb,1,1.5\n", "line 3: propensity '1.5'"),
        ("action,reward,propensity\na,nan,0.5\n", "line 2: reward 'nan'"),
        ("action,reward\na,1\n", "no column propensity"),
        ("action,reward,propensity,target.a\na,1,0.5,1\nb,1,0.5,1\n", "no column target.b"),
        ("action,reward,propensity,target.a,target.b\na,1,0.5,1,1\nb,1,0.5,1,0\n", "sum to 2"),
    ],
)
def test_a_bad_log_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ExperimentError, match=says):
        decisions_in(table(tmp_path, text))


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("action,probability\na,0.5\n", "sum to 0.5"),
        ("action,probability\na,0.5\na,0.5\n", "line 3: action 'a' has a probability above already"),
        ("action,probability\na,-1\nb,2\n", "line 2: probability '-1'"),
        ("slot,action,probability\n1,a,1\n", "says nothing of slot 2"),
    ],
)
def test_a_bad_policy_is_refused(tmp_path: Path, policy: str, says: str) -> None:
    with pytest.raises(ExperimentError, match=says):
        decisions_in(table(tmp_path, LOG), write(tmp_path, policy, "policy.csv"))


def test_the_target_of_the_taken_actions_is_enough(tmp_path: Path) -> None:
    rewards, propensities, target = logged_target_in(
        table(tmp_path, "reward,propensity,target\n2.5,0.5,0.25\n0,0.1,0\n")
    )
    assert (rewards.tolist(), propensities.tolist(), target.tolist()) == ([2.5, 0], [0.5, 0.1], [0.25, 0])
    with pytest.raises(ExperimentError, match=r"line 2: target '1\.25'"):
        logged_target_in(table(tmp_path, "reward,propensity,target\n1,0.5,1.25\n"))


@pytest.mark.skipif(not OBD.is_dir(), reason="the Open Bandit sample is not here")
@pytest.mark.parametrize(("target", "logged"), [("bts", "random"), ("random", "bts"), ("bts", "bts")])
def test_open_bandit_estimates_hold_what_the_policy_itself_earned(target: str, logged: str) -> None:
    pytest.importorskip("sklearn")
    shown = read_table(OBD / "bts_all.csv.gz")
    decisions, policy = decisions_in(read_table(OBD / f"{logged}_all.csv.gz", CALLED))
    if target == "bts":
        slots = read_table(OBD / f"{logged}_all.csv.gz").texts("position")
        shares = np.zeros((3, len(decisions.names)))
        for slot in range(3):
            counts = Counter(item for item, place in zip(shown.texts("item_id"), shown.texts("position"), strict=True)
                             if place == str(slot + 1))  # fmt: skip
            shares[slot] = [counts[name] / counts.total() for name in decisions.names]
        policy = TargetPolicy(shares, np.array([int(slot) - 1 for slot in slots]))
    earned = float(read_table(OBD / f"{target}_all.csv.gz").numbers("click").mean())
    found = evaluate(decisions, policy, Bootstrap(500))
    for name in ("ips", "snips", "dr"):
        value = found.estimates[name].value
        assert value.low <= earned <= value.high, name
