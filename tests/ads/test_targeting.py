from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import NOON, campaign

from openaisle.ads.campaign import Keyword, Match, Schedule, Status
from openaisle.ads.floor import relevance_floor
from openaisle.ads.sealing import TOPIC
from openaisle.ads.targeting import Targets, aim_with
from openaisle.ads.targeting.topics import Topics
from openaisle.ads.targeting.words import KeywordIndex, matches, words_of
from openaisle.language import Analyzer
from openaisle.models.protocol import CosineRange, EncoderIdentity

ANALYZER = Analyzer()
AXES = {"tea": [1, 0], "boil": [0.8, 0.6], "shoe": [0, 1]}


def words(text):
    return words_of(ANALYZER, text)


def found(query, *campaigns, **extra):
    return [
        (each.campaign.id, each.said, each.bid) for each in Targets(campaigns, words).eligible(query, NOON, **extra)
    ]


@pytest.mark.parametrize(
    ("keyword", "match", "query", "expected"),
    [
        ("running shoes", Match.EXACT, "Running Shoe", True),
        ("running shoes", Match.EXACT, "red running shoes", False),
        ("running shoes", Match.EXACT, "shoes running", False),
        ("running shoes", Match.PHRASE, "red running shoes size 9", True),
        ("running shoes", Match.PHRASE, "running red shoes", False),
        ("running shoes", Match.BROAD, "shoes for running", True),
        ("running shoes", Match.BROAD, "running", False),
        ("保温水壶", Match.PHRASE, "不锈钢保温水壶", True),
        ("水壶", Match.BROAD, "不锈钢保温水壶", True),
        ("水壶", Match.EXACT, "水壶", True),
        ("!!", Match.BROAD, "anything", False),
        ("", Match.EXACT, "", False),
    ],
)
def test_match_types(keyword, match, query, expected):
    assert matches(words(keyword), match, words(query)) is expected


@given(
    st.lists(st.tuples(st.text("abc ", min_size=1, max_size=6), st.sampled_from(list(Match))), max_size=12),
    st.text("abc ", max_size=12),
)
def test_the_index_finds_what_a_scan_finds(keywords, query):
    made = [(Keyword(text, match), number) for number, (text, match) in enumerate(keywords)]
    index = KeywordIndex(made, str.split)
    scanned = {number for keyword, number in made if matches(keyword.text.split(), keyword.match, query.split())}
    assert {number for _, number in index.find(query.split())} == scanned


def test_the_keyword_that_bids_most_counts():
    several = campaign(keywords=(Keyword("kettle"), Keyword("red kettle", Match.EXACT, 80), Keyword("red", bid=20)))
    assert found("red kettle", several) == [("C", "red kettle", 80)]
    assert found("kettle", several) == [("C", "kettle", 50)]
    assert found("mug", several) == []


def test_of_equal_bids_the_stricter_keyword_counts():
    several = campaign(keywords=(Keyword("kettle"), Keyword("kettle", Match.EXACT)))
    (only,) = Targets([several], words).eligible("kettle", NOON)
    assert (only.keyword, only.how) == (1, "exact")


def test_negative_keywords_keep_a_campaign_out_and_no_other():
    plain, careful = campaign(), campaign(id="D", negatives=(Keyword("toy"),))
    assert [id for id, *_ in found("toy kettle", plain, careful)] == ["C"]
    assert [id for id, *_ in found("kettle", plain, careful)] == ["C", "D"]


def test_only_running_campaigns_are_found():
    assert found("kettle", campaign(status=Status.PAUSED)) == []
    assert found("kettle", campaign(schedule=Schedule(hours=frozenset({13})))) == []


@pytest.mark.parametrize(("query", "expected"), [("boil", ["C"]), ("shoe", []), ("tea", ["C"])])
def test_topics_are_found_by_meaning(query, expected):
    meant = campaign(keywords=(), topics=("tea",), similarity=0.75)
    topics = Topics(
        [meant], lambda texts: np.array([AXES[text] for text in texts], np.float32), lambda cosines: cosines
    )
    targets = Targets([meant], words, topics)
    eligible = targets.eligible("no such word", NOON, np.array(AXES[query], np.float32))
    assert [each.campaign.id for each in eligible] == expected
    assert all((each.keyword, each.said, each.how) == (TOPIC, "(topic)", "topic") for each in eligible)
    assert targets.eligible("no such word", NOON) == []


def test_a_keyword_comes_before_meaning_and_a_negative_before_both():
    meant = campaign(topics=("tea",), similarity=0.5, negatives=(Keyword("toy"),))
    topics = Topics(
        [meant], lambda texts: np.array([AXES[text] for text in texts], np.float32), lambda cosines: cosines
    )
    targets = Targets([meant], words, topics)
    tea = np.array(AXES["tea"], np.float32)
    assert targets.eligible("kettle", NOON, tea)[0].how == "broad"
    assert targets.eligible("toy", NOON, tea) == []


def test_campaigns_without_topics_cost_no_encoding():
    topics = Topics(
        [replace(campaign())], lambda texts: pytest.fail("nothing is to be encoded"), lambda cosines: cosines
    )
    assert topics.find(np.ones(2, np.float32)) == {}


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=20), st.floats(0, 1))
def test_the_floor_is_a_score_of_the_page_that_the_stated_share_does_not_exceed(scores, quantile):
    floor = relevance_floor(scores, quantile)
    assert floor in scores
    assert sum(score <= floor for score in scores) >= quantile * len(scores)


def test_a_page_without_products_has_no_ads():
    assert relevance_floor([], 0.0) == float("inf")
    with pytest.raises(ValueError, match="quantile"):
        relevance_floor([1.0], 1.5)


class AxisEncoder:
    """Knows the words of `AXES`; a cosine is read as it is, from .5 on."""

    identity = EncoderIdentity("axes", "1", 2, "", CosineRange(unrelated=0.5, related=1.0))

    def encode_queries(self, texts):
        return np.array([AXES[text] for text in texts], np.float32)

    encode_documents = encode_queries


def test_the_shops_own_analysis_and_encoder_aim():
    meant = campaign(topics=("tea",), keywords=(Keyword("running shoes", Match.EXACT),), similarity=0.55)
    targets = aim_with(ANALYZER, AxisEncoder())([meant])
    assert [each.how for each in targets.eligible("Running shoe", NOON)] == ["exact"]
    boil = np.array(AXES["boil"], np.float32)  # a cosine of .8 is a relevance of .6
    assert [each.how for each in targets.eligible("hot", NOON, boil)] == ["topic"]
    assert aim_with(ANALYZER, AxisEncoder())([replace(meant, similarity=0.65)]).eligible("hot", NOON, boil) == []
    assert aim_with(ANALYZER, None)([meant]).eligible("hot", NOON, boil) == []
