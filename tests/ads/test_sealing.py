import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.ads.money import LARGEST
from openaisle.ads.sealing import TOPIC, Seal, Showing
from openaisle.errors import InvalidAdToken
from openaisle.storage.meta import Meta

SEAL = Seal(b"s" * 32)
SHOWN = Showing("C", "k1", "q1", 45, 1_772_366_400_000, 3, 4)
NAMES = {"campaign_id": "C", "product_id": "k1", "query_id": "q1"}


@given(
    st.integers(0, LARGEST), st.integers(0, 2**48 - 1), st.integers(0, TOPIC), st.integers(1, 255), st.text(max_size=90)
)
def test_a_token_gives_back_what_was_shown(price, time, keyword, position, name):
    shown = Showing(name, name + "p", "q", price, time, keyword, position)
    token = SEAL.seal(shown)
    assert len(token) == 48
    assert SEAL.open(token, campaign_id=name, product_id=name + "p", query_id="q") == shown


@pytest.mark.parametrize("field", NAMES)
def test_a_token_is_good_for_its_own_ad_alone(field):
    with pytest.raises(InvalidAdToken):
        SEAL.open(SEAL.seal(SHOWN), **{**NAMES, field: "other"})


def test_no_bit_of_a_token_can_be_changed():
    token = SEAL.seal(SHOWN)
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(InvalidAdToken):
            SEAL.open(changed, **NAMES)


@pytest.mark.parametrize("token", ["", "A", "é" * 48, "A" * 48, "A" * 4096])
def test_what_is_no_token_is_refused(token):
    with pytest.raises(InvalidAdToken):
        SEAL.open(token, **NAMES)


def test_the_price_cannot_be_read_from_a_token():
    assert len({SEAL.seal(SHOWN) for _ in range(20)}) == 20


def test_processes_of_one_shop_share_the_secret(database):
    token = Seal.of_shop(Meta(database)).seal(SHOWN)
    assert Seal.of_shop(Meta(database)).open(token, **NAMES) == SHOWN
    with pytest.raises(InvalidAdToken):
        SEAL.open(token, **NAMES)
