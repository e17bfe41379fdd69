"""A shop's advertising: its campaigns, books and reports in one object, and what serves ads to its searches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from sqlalchemy import Engine

from openaisle.ads import learning
from openaisle.ads.auction import generalised_second_price, vickrey_clarke_groves
from openaisle.ads.audit import Discrepancy, audit
from openaisle.ads.billing import Billing, Taken
from openaisle.ads.board import Aim, Reader
from openaisle.ads.campaign import Campaign
from openaisle.ads.campaigns import Campaigns
from openaisle.ads.exposures import Exposures
from openaisle.ads.ledger import Ledger
from openaisle.ads.money import minor_units_up
from openaisle.ads.prediction.examination import shares_of
from openaisle.ads.prediction.rates import RateModel
from openaisle.ads.report import By, Report, Span, report
from openaisle.ads.sealing import Seal, Showing
from openaisle.ads.serving import AdServer, Auction, Rules, examination_of
from openaisle.errors import InvalidCampaign, SettingsError
from openaisle.events.event import Event
from openaisle.settings import AdsSettings
from openaisle.storage.meta import Meta

AUCTIONS: Mapping[str, Auction] = MappingProxyType({"vcg": vickrey_clarke_groves, "gsp": generalised_second_price})
_LOOKS = 0.5
"""Before anything is learnt, place p is taken to be looked at by `p ** -_LOOKS` of the shoppers."""


class Advertising:
    """Methods raise `StorageError` when the database refuses. `folder` is where what is learnt is kept."""

    def __init__(self, database: Engine, folder: Path, settings: AdsSettings, currency: str | None) -> None:
        self._database = database
        self._folder = folder
        self._settings = settings
        self._currency = currency
        self.campaigns = Campaigns(database)
        self.ledger = Ledger(database)
        self.exposures = Exposures(database)

    @cached_property
    def billing(self) -> Billing:
        return Billing(self._database, self._seal, self.ledger)

    @cached_property
    def _seal(self) -> Seal:
        return Seal.of_shop(Meta(self._database))

    @property
    def currency(self) -> str:
        """What the shop sells in. Raises `SettingsError` where it states none."""
        if self._currency is None:
            raise SettingsError("The shop states no currency.", 'Set it in openaisle.toml: [shop] currency = "EUR".')
        return self._currency

    def add(self, campaign: Campaign) -> None:
        """Raises `CampaignExists`, `SettingsError` where the shop states no currency, and `InvalidCampaign` for another
        one than the shop's: bids in two currencies cannot be compared."""
        if campaign.currency != self.currency:
            raise InvalidCampaign(
                f"currency: the shop sells in {self.currency}, not in {campaign.currency}.",
                f"State bids and budgets in {self.currency}.",
            )
        self.campaigns.add(campaign)

    def settle(self, numbered: Iterable[tuple[int, Event]], before: int) -> tuple[Taken, int]:
        """Take in new events of the log, then bill what was left reserved before a moment (milliseconds since 1970);
        returns what the events came to, and how many reservations were billed."""
        taken = self.billing.take(numbered)
        return taken, self.ledger.settle(before)

    def discrepancies(self) -> tuple[Discrepancy, ...]:
        """Totals that are not the sum of their clicks; none in books that are right."""
        return audit(self._database)

    def report(self, span: Span, by: Sequence[By] = ("campaign",)) -> Report:
        return report(self._database, span, by)

    def learn(self, events: Iterable[Event]) -> learning.Learnt:
        """Learn from the log's events; what is served from then on, once `server` is asked for again, uses it."""
        return learning.learn(events, self.billing.opened, self._folder)

    def server(self, aim: Aim, chance: np.random.Generator | None = None) -> AdServer:
        """What chooses ads, with all that was learnt so far. Raises `ModelError` where that cannot be read."""
        file = self._folder / learning.CLICKS
        model = RateModel.load(file) if file.is_file() else RateModel()
        reader = Reader(self.campaigns, self.ledger, aim, self._currency or "", learning.read_traffic(self._folder))
        drawn = np.random.default_rng() if chance is None else chance
        return AdServer(reader, self.exposures, self._sealed, model.sampled, self._rules(model), drawn)

    def _sealed(self, showing: Showing) -> str:
        """The secret is made with the first ad that is shown: a shop without campaigns writes nothing."""
        return self._seal.seal(showing)

    def _rules(self, model: RateModel) -> Rules:
        slots = self._settings.slots
        looked: Any = (
            shares_of(np.array(slots, np.int64), model.examination)
            if model.examination
            else [slot**-_LOOKS for slot in slots]
        )
        return Rules(
            slots=slots,
            examination=examination_of(list(looked)),
            floor=self._settings.floor,
            reserve=minor_units_up(self._settings.reserve, self._currency or ""),
            auction=AUCTIONS[self._settings.auction],
        )
