"""Google Analytics 4 as BigQuery exports it: one JSON object a line, one event of several kinds and many items.

BigQuery writes whole numbers as text. Events that concern no product (a scroll, a page view) are passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openaisle.events import limits
from openaisle.events.event import Event, Kind, Source
from openaisle.events.fields import currency, real, text, whole
from openaisle.events.formats.derived import derived_id
from openaisle.events.formats.format import Format, Passed, Reading, Record
from openaisle.events.problems import Unfit

_KINDS = {
    "view_item_list": Kind.IMPRESSION,
    "select_item": Kind.CLICK,
    "view_item": Kind.VIEW,
    "add_to_cart": Kind.CART,
    "purchase": Kind.ORDER,
    "refund": Kind.RETURN,
    "search": Kind.QUERY,
    "view_search_results": Kind.QUERY,
}
_SEARCH_LISTS = ("search", "suche", "搜索")
_RECOMMENDATION_LISTS = ("recommend", "related", "similar", "also", "for you", "you may", "推荐")
_AD_LISTS = ("sponsored", "advert", "广告")


def recognises(record: Record) -> bool:
    return "event_name" in record and ("event_timestamp" in record or "user_pseudo_id" in record)


def read(record: Record) -> Reading:
    name = text(record.get("event_name"), "event_name")
    kind = _KINDS.get(name)
    if kind is None:
        raise Passed(name[:80] or "an event without a name")
    parameters = _parameters(record.get("event_params"))
    if kind is Kind.QUERY:
        return Reading((_query(record, parameters),))
    items = record.get("items")
    if not isinstance(items, list) or not items:
        raise Unfit("items", f"a {name} names no items", "Send the items with the event, as GA4 describes.")
    if len(items) > limits.ITEMS:
        raise Unfit("items", f"there are more than {limits.ITEMS:,}", "Send fewer items with an event.")
    return Reading(tuple(_of_item(record, parameters, kind, item, place) for place, item in enumerate(items)))


def _query(record: Record, parameters: Mapping[str, Any]) -> Event:
    asked = text(parameters.get("search_term"), "search_term")
    if not asked:
        raise Unfit("search_term", "a search has no search_term", "Send the parameter search_term with the event.")
    return Event(
        **_common(record, parameters),
        id=derived_id(*_identity(record), asked),
        kind=Kind.QUERY,
        query=asked,
        source=Source.SEARCH,
    )


def _of_item(record: Record, parameters: Mapping[str, Any], kind: Kind, item: object, place: int) -> Event:
    if not isinstance(item, Mapping):
        raise Unfit("items", "an item is not an object", "Send each item as an object.")
    product = text(item.get("item_id"), "items.item_id")
    quantity = whole(item.get("quantity"), "items.quantity")
    index = whole(item.get("item_list_index"), "items.item_list_index") if _has(item, "item_list_index") else None
    name = _listed(item) or _listed(parameters)
    return Event(
        **_common(record, parameters),
        id=derived_id(*_identity(record), place, product),
        kind=kind,
        query=text(parameters.get("search_term"), "search_term"),
        product_id=product,
        position=None if index is None else index + 1,  # Google's own examples count from 0
        price=real(item.get("price"), "items.price"),
        currency=currency(_currency(record, parameters, item)),
        quantity=1 if quantity is None else quantity,
        source=_source(name, parameters),
        placement=name[: limits.LABEL_LENGTH],
    )


def _common(record: Record, parameters: Mapping[str, Any]) -> dict[str, Any]:
    shopper = _shopper(record)
    visit = text(parameters.get("ga_session_id"), "ga_session_id")
    return {
        "time": _time(record),
        "shopper": shopper,
        # a session's number is unique for one browser only
        "session": f"{text(record.get('user_pseudo_id'), 'user_pseudo_id')}.{visit}" if visit else "",
        "query_id": text(parameters.get("query_id"), "query_id"),
    }


def _shopper(record: Record) -> str:
    """The shop's own id where the shopper was known, else the browser's."""
    return text(record.get("user_id"), "user_id") or text(record.get("user_pseudo_id"), "user_pseudo_id")


def _time(record: Record) -> int:
    microseconds = whole(record.get("event_timestamp"), "event_timestamp")
    if microseconds is None:
        raise Unfit("event_timestamp", "it is missing", "Export the column event_timestamp.")
    return microseconds // 1000


def _identity(record: Record) -> tuple[object, ...]:
    """What tells one exported event from another: GA4 itself numbers events by bundle and batch."""
    names = ("event_name", "event_timestamp", "user_pseudo_id", "event_bundle_sequence_id")
    batch = ("batch_event_index", "batch_ordering_id", "batch_page_id")
    return ("ga4", *(record.get(name) for name in (*names, *batch)))


def _parameters(listed: object) -> Mapping[str, Any]:
    """`event_params`, a list of key and typed value, as a mapping."""
    parameters: dict[str, Any] = {}
    for parameter in listed if isinstance(listed, list) else ():
        value = parameter.get("value") if isinstance(parameter, Mapping) else None
        if isinstance(value, Mapping):
            filled = (value[kind] for kind in value if value[kind] is not None)
            parameters[str(parameter.get("key"))] = next(filled, None)
    return parameters


def _listed(of: Mapping[str, Any]) -> str:
    """The list that an item stood in; BigQuery writes `(not set)` where there was none."""
    for name in ("item_list_name", "item_list_id"):
        if _has(of, name):
            return text(of.get(name), name)
    return ""


def _has(of: Mapping[str, Any], name: str) -> bool:
    return of.get(name) not in (None, "", "(not set)")


def _source(name: str, parameters: Mapping[str, Any]) -> Source:
    lowered = name.lower()
    if any(sign in lowered for sign in _AD_LISTS):
        return Source.AD
    if any(sign in lowered for sign in _RECOMMENDATION_LISTS):
        return Source.RECOMMENDATION
    if any(sign in lowered for sign in _SEARCH_LISTS) or parameters.get("search_term"):
        return Source.SEARCH
    return Source.OTHER


def _currency(record: Record, parameters: Mapping[str, Any], item: Mapping[str, Any]) -> object:
    return item.get("currency") or parameters.get("currency")


FORMAT = Format("ga4", recognises, read)
