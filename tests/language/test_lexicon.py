from __future__ import annotations

import json

from openaisle.language import Lexicon


def test_names_give_their_chinese_words_simplified() -> None:
    lexicon = Lexicon.of(["蘋果 Apple", "内开内倒", "Nike", "李", "内开内倒", "长" * 40])
    assert lexicon.words == ("内开内倒", "苹果")


def test_it_survives_json() -> None:
    lexicon = Lexicon.of(["新豪轩", "苹果"])
    assert Lexicon.from_json(json.loads(json.dumps(lexicon.as_json()))) == lexicon
