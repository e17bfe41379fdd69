from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openaisle.learning.data.grouped import by_text
from openaisle.learning.data.keys import canonical
from openaisle.learning.data.leakage import leaks, without_leaks
from openaisle.learning.data.near import SHORTEST, Near
from openaisle.learning.data.split import Splits
from openaisle.learning.examples import Labelled, Plain

REVIEW = "The kettle boils fast, pours without dripping, and the handle stays cool even after long use in the morning."
TEXTS = st.lists(st.text(st.sampled_from("ab红杯 "), min_size=1, max_size=6), max_size=12)


def test_an_edited_text_is_nearly_the_same_and_another_is_not() -> None:
    near = Near(
        [REVIEW, "短", "A quite different remark about a coffee machine that leaks at the bottom all the time."]
    )
    assert near.like(REVIEW.replace("morning", "mornings").upper()) == REVIEW
    assert (
        near.like("The kettle is slow, drips when it pours, and the handle gets far too hot to hold it safely.") is None
    )
    assert near.like("短") is None


@given(st.text(min_size=SHORTEST, max_size=200))
def test_every_long_text_is_like_itself(text: str) -> None:
    assert Near([text]).like(text) == (text if len(" ".join(text.casefold().split())) >= SHORTEST else None)


@given(TEXTS, TEXTS, TEXTS)
def test_nothing_is_left_that_a_later_split_holds(train: list[str], validation: list[str], test: list[str]) -> None:
    parts = (tuple(by_text(map(Plain, texts))) for texts in (train, validation, test))
    clean = without_leaks(Splits(*parts))
    keys = [{canonical(each.example.text) for each in part} for part in (clean.train, clean.validation, clean.test)]
    assert not keys[0] & keys[1]
    assert not keys[0] & keys[2]
    assert not keys[1] & keys[2]
    assert [each.example.text for each in clean.test] == test


def test_leaks_are_told_in_pairs() -> None:
    learnt = [Labelled("Red mugs", ("a",)), Labelled("blue mug", ("a",)), Labelled(REVIEW + "!", ("b",))]
    assert leaks(learnt, [Labelled("mug red", ("a",)), Labelled(REVIEW, ("b",))]) == [
        ("Red mugs", "mug red"),
        (REVIEW + "!", REVIEW),
    ]
