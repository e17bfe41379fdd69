from __future__ import annotations

from openaisle.evaluation.experiments import Bucketing, Experiment, Exposure, expose, exposed


def test_an_exposure_says_who_met_what_and_when() -> None:
    bucketing = Bucketing.of(Experiment("e", {"a": 1, "b": 1}))
    exposure = expose("e", bucketing, "u1", 1_700_000_000_000)
    assert exposure is not None
    assert exposure.as_dict() == {
        "experiment": "e",
        "unit": "u1",
        "variant": bucketing.variant("u1"),
        "time": 1_700_000_000_000,
    }


def test_who_takes_no_part_is_not_exposed() -> None:
    bucketing = Bucketing.of(Experiment("e", {"a": 1, "b": 1}, share=1e-9))
    assert expose("e", bucketing, "u1", 0) is None


def test_the_first_exposure_counts_and_who_met_two_variants_is_told_apart() -> None:
    log = [
        Exposure("e", "u1", "a", 20),
        Exposure("e", "u1", "a", 10),
        Exposure("e", "u2", "b", 5),
        Exposure("e", "u3", "a", 1),
        Exposure("e", "u3", "b", 2),
    ]
    found = exposed(log)
    assert {unit: each.time for unit, each in found.first.items()} == {"u1": 10, "u2": 5}
    assert found.crossed == {"u3"}
