"""Articles to rank: goods of a kind with facts that a shopper may ask for, and a title in both languages."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recipes.reranker.kinds import Kinds

_LISTS = Path(__file__).parent.with_name("student") / "goods.toml"
_SLOTS = {"qualities": "quality", "materials": "material", "audiences": "audience", "colours": "colour"}
PARTS = (
    ("case for {}", "{}保护套"), ("{} cover", "{}罩"), ("{} stand", "{}支架"), ("{} holder", "{}收纳架"),
    ("spare parts for {}", "{}配件"), ("{} bag", "{}收纳袋"), ("{} cleaner", "{}清洁剂"), ("strap for {}", "{}挂绳"),
    ("{} sticker", "{}贴纸"), ("{} toy", "{}玩具"), ("refill for {}", "{}替换装"), ("{} box", "{}收纳盒"),
    ("{} keyring", "{}钥匙扣"), ("book about {}", "{}书"), ("{} poster", "{}海报"), ("{} charger", "{}充电器"),
)  # fmt: skip
_HAN = (
    "安宝贝晨诚达德丰福格冠海瀚浩恒华佳嘉洁金锦京康乐丽力联美米明宁欧齐奇瑞森尚舒思泰天维希欣雅颜一伊怡逸优悦云泽智卓"
)
_CONSONANTS = tuple("b c d f g h k l m n p r s t v w z br cr dr fl gr kl pl sh st th tr".split())  # noqa: SIM905
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "ee", "ia", "io", "oo", "ou")
_NUMBERS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 18, 20, 24, 30, 32, 36, 40, 42, 50, 60, 64, 80, 100, 120, 128, 150)
_ROUND = (200, 250, 256, 300, 350, 400, 500, 512, 600, 750, 800, 1000)


@dataclass(frozen=True, slots=True)
class Fact:
    """What can be asked for: one slot of an article, as each language says it."""

    slot: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Article:
    """`part` tells that it only goes with such goods, and what it is: a place in PARTS."""

    kind: int
    facts: frozenset[Fact]
    en: str
    zh: str
    part: int | None = None


class Maker:
    """Invents articles: titles in the manner of shops from the word lists, with invented brands and model numbers."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._lists: dict[str, list[list[str]]] = tomllib.loads(_LISTS.read_text(encoding="utf-8"))

    def facts(self, draw: random.Random) -> dict[str, Fact]:
        """One to six facts by slot."""
        found = {slot: Fact(slot, *draw.choice(self._lists[name])) for name, slot in _SLOTS.items()}
        found |= {"brand": brand(draw), "measure": self._measure(draw), "model": model(draw)}
        kept = draw.sample(sorted(found), draw.randint(1, 6))
        return {slot: found[slot] for slot in kept}

    def article(self, draw: random.Random, kind: int, facts: dict[str, Fact], part: int | None = None) -> Article:
        en, zh = named(self._kinds, kind, part)
        titles = self._titles(draw, (_in_number(draw, en), zh), facts)
        return Article(kind, frozenset(facts.values()), *titles, part)

    def other(self, draw: random.Random, fact: Fact) -> Fact:
        """Another fact of the same slot."""
        while (found := self._again(draw, fact.slot)) == fact:
            pass
        return found

    def _again(self, draw: random.Random, slot: str) -> Fact:
        match slot:
            case "brand":
                return brand(draw)
            case "model":
                return model(draw)
            case "measure":
                return self._measure(draw)
        name = next(name for name, each in _SLOTS.items() if each == slot)
        return Fact(slot, *draw.choice(self._lists[name]))

    def _measure(self, draw: random.Random) -> Fact:
        number = draw.choice((*_NUMBERS, *_ROUND))
        en, zh = draw.choice(self._lists["measures"])
        return Fact("measure", en.format(n=number), zh.format(n=number))

    def _titles(self, draw: random.Random, names: tuple[str, str], facts: dict[str, Fact]) -> tuple[str, str]:
        before = [facts[slot] for slot in ("brand", "model", "quality", "material") if slot in facts]
        after = [facts[slot] for slot in ("audience", "colour", "measure") if slot in facts]
        draw.shuffle(after)
        said = draw.choices(self._lists["qualities"], k=draw.choice((0, 0, 1, 2)))
        before += [Fact("more", *words) for words in said]
        chatter = draw.choices(self._lists["chatter"], k=draw.choice((0, 0, 1, 2)))
        after += [Fact("more", *words) for words in chatter]
        english = _spoken([each.en for each in before], names[0], [each.en for each in after])
        chinese = [each.zh for each in (*before, Fact("", "", names[1]), *after)]
        return _cased(draw, english), draw.choice(("", " ", " ")).join(filter(None, chinese))


def named(kinds: Kinds, kind: int, part: int | None) -> tuple[str, str]:
    """The goods, or what goes with them, in both languages."""
    en, zh = ("{}", "{}") if part is None else PARTS[part]
    return en.format(kinds.en[kind]), zh.format(kinds.zh[kind])


def brand(draw: random.Random) -> Fact:
    latin = "".join(draw.choice(_CONSONANTS) + draw.choice(_VOWELS) for _ in range(draw.randint(2, 3))).capitalize()
    han = "".join(draw.sample(_HAN, draw.choice((2, 2, 3))))
    return Fact("brand", latin, draw.choice((latin, han, latin + han)))


def model(draw: random.Random) -> Fact:
    letters = "".join(draw.sample("ABCDEFGHKLMNPRSTVWXZ", draw.randint(1, 3)))
    name = f"{letters}{draw.choice(('', '-', ' '))}{draw.randint(1, 9999)}"
    return Fact("model", name, name)


def _spoken(before: Sequence[str], name: str, after: Sequence[str]) -> str:
    return " ".join([*before, name]) + "".join(f", {word}" if len(word) > 5 else f" {word}" for word in after)


def _in_number(draw: random.Random, name: str) -> str:
    return f"{name}s" if name[-1] in "abdegklmnoprtw" and draw.random() < 0.25 else name


def _cased(draw: random.Random, text: str) -> str:
    return draw.choice((text, text.title(), text.title(), text.lower()))
