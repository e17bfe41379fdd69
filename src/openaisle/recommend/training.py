"""Learning a whole model: the blend on the newest part of the past, then every method on all of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec

import numpy as np

from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.blend.learning import BlendOptions, learn_blend
from openaisle.recommend.blend.ranker import EvenRanker, Ranker
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.methods.again import Again
from openaisle.recommend.methods.als import Als
from openaisle.recommend.methods.content import Content, Vectors
from openaisle.recommend.methods.followed import Followed
from openaisle.recommend.methods.item_knn import ItemKnn
from openaisle.recommend.methods.popular import TRENDING, Popular
from openaisle.recommend.methods.session_knn import SessionKnn
from openaisle.recommend.methods.together import Together
from openaisle.recommend.protocol import Recommender
from openaisle.recommend.repeats import repeats_of
from openaisle.recommend.shelf import Shelf
from openaisle.recommend.splits import Case, by_time, moment_leaving, next_product_cases

Told = Callable[[str], None]
_LIBRARIES = {"als": ("implicit", "scipy", "threadpoolctl"), "blend": ("lightgbm", "onnx")}
HEAVY = tuple(_LIBRARIES)
"""What takes most of the time and needs the extra `behaviour`: a method, and the learnt order of all. The rest needs
NumPy and some seconds."""
Cases = Callable[[Interactions, Interactions], Sequence[Case]]
"""Future and past → what the blend is to foretell."""


def methods_of(
    vectors: Vectors | None = None, sequential: Recommender | None = None, without: Collection[str] = ()
) -> dict[str, Recommender]:
    """Every method by its name: `content` with vectors only, `sequential` where there is one to train it, `als` where
    its library is installed and it is not to be done `without`."""
    methods: dict[str, Recommender] = {
        "popular": Popular(),
        "trending": TRENDING,
        "viewed": Together("viewed"),
        "bought": Together("bought"),
        "item_knn": ItemKnn(),
        "followed": Followed(),
        "session_knn": SessionKnn(),
        "again": Again(),
    }
    if "als" not in left_out(without):
        methods["als"] = Als()
    if sequential is not None:
        methods["sequential"] = sequential
    if vectors is not None:
        methods["content"] = Content(vectors)
    return methods


def left_out(without: Collection[str] = ()) -> tuple[str, ...]:
    """What of `HEAVY` is not learnt: what is to be done `without`, and what has no library here."""
    return tuple(name for name in HEAVY if name in without or not all(map(find_spec, _LIBRARIES[name])))


def next_products(future: Interactions, past: Interactions) -> Sequence[Case]:
    return list(next_product_cases(future, past))


@dataclass(frozen=True, slots=True)
class Training:
    """`held_out` is the newest share of the sessions, from which the blend is learnt. `without` may name `blend`: then
    every method has the same say."""

    methods: Mapping[str, Recommender]
    held_out: float = 0.2
    cases: Cases = next_products
    blend: BlendOptions = field(default_factory=BlendOptions)
    tell: Told = lambda stage: None
    without: Collection[str] = ()

    def fit(self, interactions: Interactions, shelf: Shelf) -> tuple[Knowledge, Ranker]:
        """Every method from all of them, and an order from the newest."""
        ranker = self._ranker(interactions, shelf)
        self.tell("learning every method from all events")
        return self.knowledge(interactions, shelf), ranker

    def knowledge(self, interactions: Interactions, shelf: Shelf) -> Knowledge:
        """Every method, learnt from these interactions."""
        models = {}
        for name, method in self.methods.items():
            self.tell(name)
            models[name] = method.fit(interactions)
        frequency = np.bincount(interactions.product, minlength=len(interactions.products)).astype(np.float32)
        return Knowledge(models, repeats_of(interactions), frequency, shelf)

    def _ranker(self, interactions: Interactions, shelf: Shelf) -> Ranker:
        if "blend" in left_out(self.without):
            return EvenRanker()
        past, future = by_time(interactions, moment_leaving(interactions, self.held_out))
        cases = self.cases(future, past)
        if len(past) == 0 or len(cases) < self.blend.least_cases:
            return EvenRanker()
        self.tell("learning every method from the older events")
        knowledge = self.knowledge(past, shelf)
        self.tell("learning the blend from the newer ones")
        return learn_blend(cases, knowledge, self.blend) or EvenRanker()
