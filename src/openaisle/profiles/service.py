"""The profiles of one shop, and what their shoppers say to them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine as Database

from openaisle.events.log import EventLog, now_ms
from openaisle.profiles.book import Products, ProfileBook
from openaisle.profiles.history import History
from openaisle.profiles.profile import Profile
from openaisle.profiles.refusals import Refusals
from openaisle.profiles.taste import Taste, taste_of


@dataclass(frozen=True, slots=True)
class Shown:
    """What a shopper sees of theirs. Where it is off there is none."""

    on: bool
    profile: Profile | None


class Profiles:
    """Shoppers and sessions are named as the shop knows them. Safe for many threads.

    Methods raise `StorageError` when the database refuses.
    """

    def __init__(self, database: Database, log: EventLog, products: Products) -> None:
        self._log = log
        self._refusals = Refusals(database)
        self._book = ProfileBook(History(database), products, now_ms)
        self.products = products

    def of(self, shopper: str) -> Profile | None:
        """None for who said no, and for who did nothing yet that tells of interest."""
        return self._of(self._log.pseudonyms.shopper(shopper))

    def of_session(self, session: str) -> Profile | None:
        """The same of a visit whose shopper is not known."""
        return self._of(self._log.pseudonyms.session(session))

    def taste(self, shopper: str) -> Taste | None:
        """What to personalise by, None for nothing."""
        profile = self.of(shopper)
        return None if profile is None else taste_of(profile, self.products.background())

    def may_use(self, shopper: str) -> bool:
        """Whether what the shopper did may be used for what is shown to them."""
        return not self._refusals.say(self._log.pseudonyms.shopper(shopper)).refused

    def known_as(self, shopper: str) -> str:
        """The shopper's pseudonym; "" for who is not known, and where nothing they did may be used."""
        return self._log.pseudonyms.shopper(shopper) if shopper and self.may_use(shopper) else ""

    def show(self, shopper: str) -> Shown:
        return Shown(self.may_use(shopper), self.of(shopper))

    def switch_off(self, shopper: str) -> None:
        """From now on there is no profile of the shopper, in any process, until it is switched on again."""
        visitor = self._log.pseudonyms.shopper(shopper)
        self._refusals.refuse(visitor, now_ms())
        self._book.forget(visitor)

    def switch_on(self, shopper: str) -> None:
        self._refusals.allow(self._log.pseudonyms.shopper(shopper))

    def erase(self, shopper: str) -> int:
        """Erase the profile with the events it was made of; returns how many there were. A no remains a no."""
        erased = self._log.erase(shopper)
        self._book.forget(self._log.pseudonyms.shopper(shopper))
        return erased

    def _of(self, visitor: str) -> Profile | None:
        if not visitor:
            return None
        say = self._refusals.say(visitor)
        return None if say.refused else self._book.of(visitor, say.erased)
