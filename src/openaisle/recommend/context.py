"""For whom and where: what a shopper did, what is in the session, on the page and in the cart."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.ids import UNKNOWN, Numbers
from openaisle.recommend.interactions import Mask, Times


def _none() -> Numbers:
    return np.empty(0, np.int32)


@dataclass(frozen=True, slots=True)
class History:
    """A shopper's rows before this session, oldest first: product, time (ms), weight of interest, whether bought."""

    product: Numbers = field(default_factory=_none)
    time: Times = field(default_factory=lambda: np.empty(0, np.int64))
    weight: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    bought: Mask = field(default_factory=lambda: np.empty(0, bool))


@dataclass(frozen=True, slots=True)
class Context:
    """`time` is now, in milliseconds; `session` what was opened so far in it, oldest first; `page` the product whose
    page is open, or `UNKNOWN`; `cart` what lies in the cart."""

    time: int = 0
    session: Numbers = field(default_factory=_none)
    history: History = field(default_factory=History)
    page: int = UNKNOWN
    cart: Numbers = field(default_factory=_none)

    trail: Numbers = field(init=False)
    """The products that stand for this moment, oldest first: the session, the cart, and last the page."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "trail", self._trail())

    @property
    def remembered(self) -> Numbers:
        """The trail where there is one, else the newest of the history."""
        return self.trail if len(self.trail) else self.history.product[-_REMEMBERED:]

    def _trail(self) -> Numbers:
        products = [product for product in self.cart.tolist() if product not in self.session]
        trail = np.concatenate((np.array(products, np.int32), self.session))
        if self.page != UNKNOWN and (len(trail) == 0 or trail[-1] != self.page):
            trail = np.append(trail, np.int32(self.page))
        return trail


_REMEMBERED = 20
