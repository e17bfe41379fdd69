"""Team-draft interleaving: two rankings pick in turns, as captains do (Radlinski, Kurup and Joachims, 2008)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from random import Random

NO_TEAM = ""


@dataclass(frozen=True, slots=True)
class Interleaved:
    """`products` as shown and, for each, the `teams` name of who picked it ("" for what fills the page)."""

    products: tuple[str, ...]
    teams: tuple[str, ...]

    def credit(self, taken: Iterable[str]) -> dict[str, int]:
        """How many of the products taken (clicked, bought) each team picked; a product counts once."""
        chosen = set(taken)
        credit = {team: 0 for team in self.teams if team != NO_TEAM}
        for product, team in zip(self.products, self.teams, strict=True):
            if team != NO_TEAM and product in chosen:
                credit[team] += 1
        return credit


def team_draft(
    rankings: tuple[Sequence[str], Sequence[str]], names: tuple[str, str], length: int, seed: str
) -> Interleaved:
    """The first `length` products of the two rankings drafted; the coins depend on `seed` alone (such as the query id).

    A round in which one side has nothing new to pick ends the draft: what the other still has fills the page without
    a team, since a team with more places would collect more chance clicks.
    """
    if names[0] == names[1] or NO_TEAM in names:
        raise ValueError("the two teams need two different names")
    coins = Random(int.from_bytes(blake2b(seed.encode("utf-8", "surrogatepass"), digest_size=16).digest(), "big"))
    drafted = list(_drafted(rankings, names, coins, length))
    picked = {product for product, _ in drafted}
    rest = dict.fromkeys(product for ranking in rankings for product in ranking if product not in picked)
    drafted += [(product, NO_TEAM) for product in list(rest)[: length - len(drafted)]]
    return Interleaved(tuple(product for product, _ in drafted), tuple(team for _, team in drafted))


def _drafted(
    rankings: tuple[Sequence[str], Sequence[str]], names: tuple[str, str], coins: Random, length: int
) -> Iterator[tuple[str, str]]:
    picked: set[str] = set()
    while len(picked) < length:
        order = (0, 1) if coins.random() < 0.5 else (1, 0)
        first = _best(rankings[order[0]], picked)
        if first is None:
            return
        second = _best(rankings[order[1]], {*picked, first})
        if second is None:
            return
        for side, product in zip(order, (first, second), strict=True):
            if len(picked) < length:
                picked.add(product)
                yield product, names[side]


def _best(ranking: Sequence[str], picked: set[str]) -> str | None:
    return next((product for product in ranking if product not in picked), None)
