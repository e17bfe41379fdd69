from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openaisle.learning.data.grouped import Grouped, by_text
from openaisle.learning.data.keys import canonical
from openaisle.learning.data.split import Shares, Splits, sampled, split
from openaisle.learning.examples import Plain

TEXTS = st.lists(st.text(st.sampled_from("ab红杯 S!"), min_size=1, max_size=12), max_size=40)
SHARES = (
    st.tuples(*[st.integers(0, 10)] * 3).filter(any).map(lambda parts: Shares(*(part / sum(parts) for part in parts)))
)


def _grouped(texts: list[str]) -> list[Grouped]:
    return list(by_text(map(Plain, texts)))


def _placed(splits: Splits) -> dict[str, set[str]]:
    named = zip(("train", "validation", "test"), (splits.train, splits.validation, splits.test), strict=True)
    return {name: {each.group for each in part} for name, part in named}


@given(TEXTS, SHARES, st.integers(0, 99))
def test_no_group_is_in_two_splits_and_none_is_lost(texts: list[str], shares: Shares, seed: int) -> None:
    splits = split(_grouped(texts), shares, seed)
    placed = list(_placed(splits).values())
    assert all(not placed[a] & placed[b] for a in range(3) for b in range(a))
    assert sorted(
        each.example.text for part in (splits.train, splits.validation, splits.test) for each in part
    ) == sorted(texts)


@given(TEXTS, TEXTS, SHARES)
def test_nothing_moves_when_examples_are_added(texts: list[str], more: list[str], shares: Shares) -> None:
    before, after = split(_grouped(texts), shares, 7), split(_grouped([*more, *texts]), shares, 7)
    for name, groups in _placed(before).items():
        assert groups <= _placed(after)[name]


def test_shares_are_about_right_and_the_rest_is_left_out() -> None:
    many = [Grouped(f"group {number}", Plain(str(number))) for number in range(4000)]
    splits = split(many, Shares(0.5, 0.2, 0.1), 7)
    assert [round(len(part) / 4000, 1) for part in (splits.train, splits.validation, splits.test)] == [0.5, 0.2, 0.1]
    assert split(many, Shares(), 1) != split(many, Shares(), 2)


def test_another_share_of_validation_leaves_the_test_as_it_is() -> None:
    many = _grouped([f"query {number}" for number in range(500)])
    assert split(many, Shares(0.8, 0.1, 0.1), 7).test == split(many, Shares(0.5, 0.4, 0.1), 7).test


def test_a_sample_keeps_whole_groups_in_their_order_and_grows() -> None:
    many = [Grouped(f"group {number // 2}", Plain(str(number))) for number in range(100)]
    few, more = sampled(many, 10, 7), sampled(many, 20, 7)
    assert len({each.group for each in few}) == 10
    assert len(few) == 20
    assert set(few) < set(more)
    assert [int(each.example.text) for each in more] == sorted(int(each.example.text) for each in more)
    assert sampled(many, 0, 7) == tuple(many)


@given(st.lists(st.sampled_from(["red", "Mugs", "350ml", "杯子"]), min_size=1, max_size=4), st.randoms())
def test_order_case_plural_and_punctuation_make_no_other_query(words: list[str], random) -> None:
    shuffled = [word.upper() for word in words]
    random.shuffle(shuffled)
    assert canonical("  ".join(shuffled) + "!") == canonical(" ".join(words))


def test_other_numbers_and_words_make_other_queries() -> None:
    assert (
        len({canonical(text) for text in ("usb 16 gb", "usb 32 gb", "glass", "glas", "!?", "…", "红杯", "红色杯")}) == 8
    )
    assert canonical("red mugs") == canonical("Mug, red") == canonical("ＭＵＧ red")
