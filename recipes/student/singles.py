"""Texts of one language without a translation: words, and words put together at random as shop titles put them.

What a student is to say of them it hears from its teachers, so they need not make sense; they have to hold what titles
hold (names of things, qualities, brands, model numbers, measures) in every company. `python recipes/student/singles.py
CEDICT TOKENIZER.json MADE.jsonl WORDS.jsonl` writes one text a line, what was put together apart from single words.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from texts import NUMBERS, Pair, brand, cased, dictionary, is_name, model_number, store

SEED = 33
ENGLISH = 260_000
CHINESE = 170_000
WORDS = 90_000
WORD_LIST = Path("/usr/share/dict/american-english-large")
_LISTS = ("materials", "qualities", "audiences", "colours", "chatter")
_WORD = re.compile(r"[a-zA-Z][a-zA-Z'-]+")


@dataclass(frozen=True, slots=True)
class Words:
    """What texts are put together of."""

    entries: Sequence[Pair]
    names: Sequence[Pair]
    qualities: Sequence[Sequence[str]]
    measures: Sequence[Sequence[str]]
    glosses: Sequence[str]
    shop: Sequence[str]
    sentences: Sequence[Pair]
    english: Sequence[str]


def read(cedict: Path) -> Words:
    entries, sentences = list(dictionary(cedict)), list(store())
    lists = tomllib.loads(Path(__file__).with_name("goods.toml").read_text(encoding="utf-8"))
    listed = WORD_LIST.read_text(encoding="utf-8").split()
    return Words(
        entries,
        [entry for entry in entries if is_name(entry)],
        [pair for name in _LISTS for pair in lists[name]],
        lists["measures"],
        [word for entry in entries for word in _WORD.findall(entry.en)],
        [word for pair in sentences for word in _WORD.findall(pair.en)],
        sentences,
        [word for word in listed if word.isascii() and not word.endswith("'s")],
    )


def made(draw: random.Random, words: Words) -> list[str]:
    """Every text once, in an order that the seed fixes."""
    texts = dict.fromkeys(english(draw, words) for _ in range(ENGLISH))
    texts |= dict.fromkeys(chinese(draw, words) for _ in range(CHINESE))
    return draw.sample(list(texts), len(texts))


def single_words(draw: random.Random, words: Words, pieces: Sequence[str]) -> list[str]:
    listed = draw.sample(words.english, min(WORDS, len(words.english)))
    return list(dict.fromkeys([*listed, *(entry.zh for entry in words.entries), *pieces]))


def english(draw: random.Random, words: Words) -> str:
    kinds: list[tuple[int, Callable[[], str]]] = [
        (26, lambda: draw.choice(words.names).en),
        (14, lambda: draw.choice(words.qualities)[0]),
        (18, lambda: _span(draw, words.glosses, 3)),
        (18, lambda: _span(draw, words.shop, 4)),
        (10, lambda: draw.choice(words.english)),
        (9, lambda: _measure(draw, words, 0)),
        (5, lambda: model_number(draw)),
    ]
    parts = _drawn(draw, kinds, draw.choice((1, 2, 3, 3, 4, 5, 6, 7)))
    half = len(parts) // 2
    between = draw.choice((" ", " ", " ", ", ", " - ")) if len(parts) > 3 else " "
    text = between.join(filter(None, (" ".join(parts[:half]), " ".join(parts[half:]))))
    maker = brand(draw)[0] if draw.random() < 0.4 else ""
    return cased(draw, f"{maker} {text}".strip())


def chinese(draw: random.Random, words: Words) -> str:
    kinds: list[tuple[int, Callable[[], str]]] = [
        (45, lambda: draw.choice(words.names).zh),
        (15, lambda: draw.choice(words.qualities)[1]),
        (8, lambda: draw.choice(words.entries).zh),
        (16, lambda: _cut(draw, draw.choice(words.sentences).zh)),
        (8, lambda: _measure(draw, words, 1)),
        (4, lambda: model_number(draw)),
        (4, lambda: draw.choice(words.english)),
    ]
    parts = _drawn(draw, kinds, draw.choice((1, 2, 3, 4, 5, 6, 8)))
    maker = brand(draw)[1] if draw.random() < 0.4 else ""
    return draw.choice(("", "", " ")).join(filter(None, (maker, *parts)))


def _drawn(draw: random.Random, kinds: Sequence[tuple[int, Callable[[], str]]], count: int) -> list[str]:
    weights = [weight for weight, _ in kinds]
    return [make() for _, make in draw.choices(kinds, weights, k=count)]


def _span(draw: random.Random, words: Sequence[str], longest: int) -> str:
    length = draw.randint(1, longest)
    start = draw.randrange(len(words) - length)
    return " ".join(words[start : start + length])


def _cut(draw: random.Random, sentence: str) -> str:
    start = draw.randrange(max(1, len(sentence) - 6))
    return sentence[start : start + draw.randint(2, 6)]


def _measure(draw: random.Random, words: Words, side: int) -> str:
    return draw.choice(words.measures)[side].format(n=draw.choice(NUMBERS))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cedict", type=Path)
    parser.add_argument("tokenizer", type=Path, help="tokenizer.json of the base, whose pieces are texts too")
    parser.add_argument("made", type=Path)
    parser.add_argument("words", type=Path)
    given = parser.parse_args()
    held = json.loads(given.tokenizer.read_text(encoding="utf-8"))["model"]["vocab"]
    pieces = [piece.lstrip("▁") for piece, _ in held if not piece.startswith("<")]
    words, draw = read(given.cedict), random.Random(SEED)
    _write(given.made, made(draw, words))
    _write(given.words, single_words(draw, words, [piece for piece in pieces if piece]))


def _write(path: Path, texts: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for text in texts:
            file.write(json.dumps({"en": text}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
