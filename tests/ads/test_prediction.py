import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.ads.exploration import BetaArms, LinUcb
from openaisle.ads.prediction.calibration import Calibration, isotonic, platt
from openaisle.ads.prediction.features import Shown, columns, hashed, names_of, tenths
from openaisle.ads.prediction.logistic import Views, Weights, sigmoid
from openaisle.ads.prediction.rates import Counts, RateModel
from openaisle.ads.prediction.reliability import reliability
from openaisle.errors import ModelError

LOOKED = {1: 1.0, 4: 0.6, 9: 0.25}
PRODUCTS = [f"p{number}" for number in range(30)]


def showings(seed, count):
    """Ads that differ in how often they deserve a click; good ones stand high more often, so that raw rates mislead."""
    chance = np.random.default_rng(seed)
    deserved = dict(zip(PRODUCTS, sigmoid(np.linspace(-4, -1, len(PRODUCTS))), strict=True))
    numbers = chance.integers(0, len(PRODUCTS), count)
    high = chance.random(count) < numbers / len(PRODUCTS)
    places = np.where(high, chance.choice([1, 4], count), chance.choice([4, 9], count))
    shown = [Shown("C", PRODUCTS[number], f"q{number % 3}", "broad", 9) for number in numbers]
    rates = np.array([deserved[each.product] for each in shown]) * np.array([LOOKED[place] for place in places])
    return shown, places, chance.random(count) < rates, deserved


@pytest.fixture(scope="module")
def model():
    return RateModel().learnt(Counts.of(*showings(1, 120_000)[:3]))


def test_examination_is_told_apart_from_what_ads_deserve(model):
    assert model.examination[1].share == 1.0
    for place, share in LOOKED.items():
        assert model.examination[place].share == pytest.approx(share, rel=0.12)


def test_rates_are_those_of_the_first_place(model):
    deserved = showings(1, 1)[3]
    rates = model.rates([Shown("C", product, f"q{number % 3}", "broad", 9) for number, product in enumerate(PRODUCTS)])
    assert np.abs(rates - np.array(list(deserved.values()))).mean() < 0.015
    assert np.corrcoef(rates, list(deserved.values()))[0, 1] > 0.97


@pytest.mark.parametrize("calibrate", [platt, isotonic])
def test_rates_are_reliable_on_showings_not_learnt_from(model, calibrate):
    calibrated = model.calibrated(Counts.of(*showings(2, 40_000)[:3]), calibrate)
    unseen = Counts.of(*showings(3, 40_000)[:3])
    found = reliability(calibrated.expected(unseen), unseen.views, unseen.clicks)
    assert found.ece < 0.01
    assert found.ratio == pytest.approx(1, abs=0.06)
    assert found.log_loss < found.log_loss_of_mean


def test_learning_goes_on_where_it_stopped():
    few, many = (Counts.of(*showings(seed, count)[:3]) for seed, count in ((1, 2_000), (2, 40_000)))
    one = RateModel().learnt(few)
    both = one.learnt(many)
    shown = [Shown("C", product, f"q{number % 3}", "broad", 9) for number, product in enumerate(PRODUCTS)]
    truth = np.array(list(showings(1, 1)[3].values()))
    assert np.abs(both.rates(shown) - truth).mean() < np.abs(one.rates(shown) - truth).mean()
    assert both.examination[4].evidence > one.examination[4].evidence
    assert (both.weights.precision >= one.weights.precision).all()


def test_learning_finds_the_most_likely_weights():
    rows = hashed([("a", "b"), ("a", "c")])
    seen = Views(rows, np.array([1000.0, 500.0]), np.array([100.0, 10.0]), np.ones(2))
    learnt = Weights.unknown(1e-3).learnt(seen)
    assert sigmoid(learnt.logits(rows)) == pytest.approx([0.1, 0.02], rel=0.01)


def test_an_unknown_ad_is_drawn_wider_than_a_known_one(model):
    chance = np.random.default_rng(0)
    known, unknown = Shown("C", PRODUCTS[9], "q0", "broad", 9), Shown("D", "new", "new", "exact", 1)
    drawn = np.array([model.sampled([known, unknown], chance) for _ in range(300)])
    spread = np.log(drawn).std(axis=0)
    assert spread[1] > 3 * spread[0]
    assert np.median(drawn[:, 0]) == pytest.approx(model.rates([known])[0], rel=0.1)


def test_a_model_is_kept_without_pickle(model, tmp_path):
    model.calibrated(Counts.of(*showings(2, 2000)[:3])).save(tmp_path / "clicks.npz")
    shown = [Shown("C", product, "q1", "broad", 9) for product in PRODUCTS]
    kept = RateModel.load(tmp_path / "clicks.npz")
    assert kept.examination == model.examination
    assert kept.rates(shown) == pytest.approx(model.calibrated(Counts.of(*showings(2, 2000)[:3])).rates(shown))


def test_a_file_that_is_no_model_is_told(tmp_path):
    (tmp_path / "x.npz").write_bytes(b"no")
    for name in ("x.npz", "missing.npz"):
        with pytest.raises(ModelError):
            RateModel.load(tmp_path / name)


def test_platt_mends_rates_that_are_twice_too_high():
    truth = np.linspace(0.01, 0.2, 50)
    views = np.full(50, 10_000.0)
    mended = platt(sigmoid(np.log(truth / (1 - truth)) + 0.7), views, truth * views)
    assert mended.applied(sigmoid(np.log(truth / (1 - truth)) + 0.7)) == pytest.approx(truth, rel=0.02)


@given(st.lists(st.tuples(st.floats(0.001, 0.999), st.integers(1, 50)), min_size=1, max_size=20), st.integers(0, 9))
def test_platt_never_turns_an_order_round(pairs, seed):
    rates, views = map(np.array, zip(*pairs, strict=True))
    clicks = np.random.default_rng(seed).binomial(views, 0.3).astype(float)
    grid = np.linspace(0, 1, 200)
    assert (np.diff(platt(rates, views.astype(float), clicks).applied(grid)) >= 0).all()


def test_reliability_counts_what_happened():
    found = reliability(np.array([0.1, 0.5]), np.array([100.0, 100.0]), np.array([10.0, 70.0]), bins=2)
    assert found.ece == pytest.approx(0.1)
    assert [each.observed for each in found.bins] == [0.1, 0.7]
    assert found.bins[0].low < 0.1 < found.bins[0].high
    assert found.ratio == pytest.approx(60 / 80)


def test_plain_calibration_changes_nothing():
    assert Calibration.none().applied(np.array([0.0, 0.3, 1.0])) == pytest.approx([0, 0.3, 1])


def test_relevance_and_names_become_columns():
    rows = hashed(names_of(Shown("C", "p", "\ud800", "exact", tenths(score, 2.0))) for score in (-1, 0.5, 99))
    assert rows.shape == (3, 7)
    assert rows.max() < columns()


def test_thompson_finds_the_best_arm():
    chance, arms, rates = np.random.default_rng(5), BetaArms(1, 10), np.array([0.02, 0.05, 0.15])
    shown = np.zeros(3)
    for _ in range(3000):
        arm = int(arms.sampled([0, 1, 2], chance).argmax())
        arms.learn(arm, views=1, clicks=chance.random() < rates[arm])
        shown[arm] += 1
    assert shown[2] > 0.75 * shown.sum()
    assert arms.mean([2])[0] == pytest.approx(0.15, abs=0.03)


def test_linucb_finds_the_best_arm_and_narrows():
    chance, learner = np.random.default_rng(6), LinUcb(3, width=0.3)
    arms, truth = np.eye(3), np.array([0.1, 0.2, 0.6])
    first = learner.bounds(arms)
    for _ in range(2000):
        arm = int(learner.bounds(arms).argmax())
        learner.learn(arms[arm], float(chance.random() < truth[arm]))
    assert learner.bounds(arms).argmax() == 2
    assert (learner.bounds(arms)[2] - 0.6) < first[2]
    assert learner.bounds(arms)[2] == pytest.approx(0.6, abs=0.06)
