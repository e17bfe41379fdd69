"""What a shop's own events teach about its ads: rates of clicks and orders, and how the day's searches come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from openaisle.ads.campaign import DAY_MS, HOUR_MS
from openaisle.ads.pacing import TrafficCurve
from openaisle.ads.prediction.calibration import isotonic, platt
from openaisle.ads.prediction.history import Opened, Outcome, clicks_of, orders_of, outcomes
from openaisle.ads.prediction.rates import Counts, RateModel
from openaisle.ads.prediction.reliability import Reliability, reliability
from openaisle.errors import DataError, StorageError
from openaisle.events.event import Event, Kind

CLICKS, ORDERS, TRAFFIC = "clicks.npz", "orders.npz", "traffic.json"
_LEARNT, _CALIBRATED = 0.6, 0.2
"""Shares of the showings, in order of time; what is left is measured on."""
_FEWEST = 20
"""Clicks that a rate can be learnt from."""
_MANY = 1000
"""Clicks to calibrate on from which calibration may bend the rates as it likes."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """How many showings and clicks there were, and how reliable the rates are on the newest of them; `orders` is None
    where there were too few clicks."""

    showings: int
    clicks: int
    clicked: Reliability
    orders: Reliability | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "showings": self.showings,
            "clicks": self.clicks,
            "click_rate": _told(self.clicked),
            "order_rate": None if self.orders is None else _told(self.orders),
        }


def learn(events: Iterable[Event], opened: Opened, folder: Path) -> Learnt:
    """Learn rates and the day's traffic, and write them into `folder`. Raises `DataError` where there is too little."""
    kept = list(events)
    seen = outcomes(kept, opened)
    clicks = sum(each.clicked for each in seen)
    if clicks < _FEWEST:
        raise DataError(
            f"{clicks} clicks on ads are known, and rates need {_FEWEST}.",
            "Send the events of ads, and try again.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    model, clicked = _fitted(seen, clicks_of)
    _kept(model, folder / CLICKS)
    orders = None
    own = [each for each in seen if each.clicked]
    if sum(each.ordered for each in own) >= _FEWEST:
        model, orders = _fitted(own, orders_of)
        _kept(model, folder / ORDERS)
    (folder / TRAFFIC).write_bytes(orjson.dumps(traffic(kept).shares))
    return Learnt(len(seen), clicks, clicked, orders)


def traffic(events: Iterable[Event]) -> TrafficCurve:
    """The searches of a usual day by hour (UTC); flat where none are known."""
    hours = [0.0] * 24
    for event in events:
        if event.kind is Kind.QUERY:
            hours[event.time % DAY_MS // HOUR_MS] += 1
    return TrafficCurve.of(hours) if any(hours) else TrafficCurve.flat()


def read_traffic(folder: Path) -> TrafficCurve:
    """What was learnt; flat before. Raises `StorageError` for a file that is none."""
    file = folder / TRAFFIC
    if not file.is_file():
        return TrafficCurve.flat()
    try:
        return TrafficCurve.of(orjson.loads(file.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise StorageError(f"{file} cannot be read: {error}.", "Run `openaisle ads SHOP learn` again.") from error


def _fitted(seen: list[Outcome], counted: Callable[[Iterable[Outcome]], Counts]) -> tuple[RateModel, Reliability]:
    first, second = round(len(seen) * _LEARNT), round(len(seen) * (_LEARNT + _CALIBRATED))
    held = counted(seen[first:second])
    model = RateModel().learnt(counted(seen[:first]))
    model = model.calibrated(held, isotonic if held.clicks.sum() >= _MANY else platt)
    newest = counted(seen[second:])
    return model, reliability(model.expected(newest), newest.views, newest.clicks)


def _kept(model: RateModel, file: Path) -> None:
    """Appears whole or not at all."""
    half = file.with_suffix(".half")
    try:
        model.save(half)
        half.replace(file)
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}.", "Free some disk space.") from error


def _told(found: Reliability) -> dict[str, Any]:
    return {
        "ece": found.ece,
        "predicted_over_observed": found.ratio,
        "log_loss": found.log_loss,
        "log_loss_of_mean": found.log_loss_of_mean,
        "bins": [each.as_dict() for each in found.bins],
    }
