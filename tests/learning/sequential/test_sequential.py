from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from openaisle.events.event import Event, Kind
from openaisle.learning.sequential import Sequential
from openaisle.learning.sequential.network import Asked, Network
from openaisle.learning.sequential.sequences import batches, sequences
from openaisle.learning.sequential.train import exported
from openaisle.recommend.context import Context
from openaisle.recommend.interactions import Interactions, from_events


def visits(*sessions: str, shopper: str = "") -> Interactions:
    return from_events(
        Event(
            f"{number}-{place}", Kind.VIEW, number * 10**8 + place * 60_000, shopper, f"s{number}", product_id=product
        )
        for number, session in enumerate(sessions)
        for place, product in enumerate(session)
    )


def test_the_exported_graph_says_what_the_network_says_at_every_length() -> None:
    torch.manual_seed(0)
    network = Network(20, 16, 2, 2, 0.1).eval()
    session = onnxruntime.InferenceSession(exported(network))
    for length in (1, 2, 7, 31, 90):
        products = torch.randint(20, (1, length))
        with torch.no_grad():
            expected = Asked(network)(products).numpy()
        (state,) = session.run(None, {"products": products.numpy()})
        np.testing.assert_allclose(state, expected, rtol=1e-4, atol=1e-5)


def test_a_row_knows_nothing_of_those_after_it() -> None:
    network = Network(9, 16, 2, 1, 0.0).eval()
    with torch.no_grad():
        one, other = network(torch.tensor([[1, 2, 3]])), network(torch.tensor([[1, 2, 8]]))
    np.testing.assert_allclose(one[:, :2], other[:, :2], rtol=1e-5)
    assert not torch.allclose(one[:, 2], other[:, 2])


@pytest.mark.parametrize("most_scored", [20_000, 1])
def test_it_learns_what_comes_next(most_scored: int) -> None:
    rows = visits(*["abcd", "bcda", "efgh", "fghe"] * 16)
    model = Sequential(16, 2, 1, 0.0, epochs=25, rate=1e-2, most_scored=most_scored, sampled=4).fit(rows)
    products = rows.products
    for before, after in (("ab", "c"), ("ef", "g"), ("fg", "h")):
        asked = Context(session=np.array([products.number(each) for each in before], np.int32))
        assert products.names[model.scores(asked).best(1).products[0]] == after


@pytest.mark.parametrize("epochs", [1, 20, 40])
def test_few_sessions_are_enough_for_a_schedule(epochs: int) -> None:
    assert len(Sequential(8, 1, 1, epochs=epochs).fit(visits("abab")).arrays()) > 0


def test_products_that_nobody_opened_are_not_told() -> None:
    rows = visits("abab")
    rows.products.add("unseen")
    model = Sequential(8, 1, 1, epochs=1).fit(rows)
    asked = Context(session=np.array([0], np.int32))
    assert rows.products.number("unseen") not in model.scores(asked).best(9).products


def test_nothing_is_learnt_from_nothing() -> None:
    rows = visits()
    rows.products.add("a")
    model = Sequential(8, 1, 1, epochs=1).fit(rows)
    assert len(model.scores(Context(session=np.array([0], np.int32))).best(5).products) == 0


def test_long_pasts_are_cut_into_pieces_that_overlap() -> None:
    rows = visits("abcdefghij", "klmn", shopper="x")
    pieces = ["".join(rows.products.of(piece)) for piece in sequences(rows, 7)]
    assert pieces[0] == "abcdefgh"
    assert pieces[1].startswith("efgh")
    assert pieces[-1].endswith("n")
    assert all(2 <= len(piece) <= 8 for piece in pieces)


def test_batches_hold_every_piece_once_padded_at_the_end() -> None:
    pieces = [np.array([1, 2, 3], np.int32), np.array([4, 5], np.int32), np.array([6, 7], np.int32)]
    seen = []
    for before, after in batches(pieces, 2, 9, np.random.default_rng(0)):
        for first, second in zip(before.tolist(), after.tolist(), strict=True):
            seen.append([first[0], *(each for each in second if each != 9)])
    assert sorted(seen) == [[1, 2, 3], [4, 5], [6, 7]]
