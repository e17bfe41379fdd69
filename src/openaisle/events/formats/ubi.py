"""OpenSearch User Behavior Insights (UBI): its queries and its events, in one file or two, one JSON object a line.

Documents may be bare or as a dump of the index has them, under `_source`. The objects that a query's response listed
are no impressions: UBI records those as events of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openaisle.events import limits
from openaisle.events.event import Event, Kind, Source
from openaisle.events.fields import currency, moment, real, text, whole
from openaisle.events.formats.derived import derived_id
from openaisle.events.formats.format import Format, Passed, Reading, Record

_KINDS = {
    "impression": Kind.IMPRESSION,
    "product_impression": Kind.IMPRESSION,
    "click": Kind.CLICK,
    "click_through": Kind.CLICK,
    "item_click": Kind.CLICK,
    "product_click": Kind.CLICK,
    "view": Kind.VIEW,
    "view_item": Kind.VIEW,
    "product_view": Kind.VIEW,
    "add_to_cart": Kind.CART,
    "purchase": Kind.ORDER,
    "buy_product": Kind.ORDER,
    "product_purchase": Kind.ORDER,
    "return": Kind.RETURN,
    "search": Kind.QUERY,
    "on_search": Kind.QUERY,
    "query": Kind.QUERY,
}


def recognises(record: Record) -> bool:
    document = _document(record)
    return "action_name" in document or ("query_id" in document and "user_query" in document)


def read(record: Record) -> Reading:
    document = _document(record)
    stored = text(record.get("_id"), "_id") if document is not record else ""
    agent = text(document.get("user_agent"), "user_agent")[: limits.AGENT_LENGTH]
    if "action_name" not in document:
        return Reading((_query(document, text(document.get("user_query"), "user_query"), stored),), agent)
    name = text(document.get("action_name"), "action_name")
    kind = _KINDS.get(name.strip().lower().replace("-", "_").replace(" ", "_"))
    if kind is None:
        raise Passed(name[:80] or "an event without action_name")
    if kind is Kind.QUERY:
        asked = document.get("user_query") or document.get("message")
        return Reading((_query(document, text(asked, "user_query"), stored),), agent)
    return Reading((_event(document, kind, stored),), agent)


def _query(document: Record, asked: str, stored: str) -> Event:
    """The query index and an event may tell of one query: both have its id, so that it is kept once."""
    known = text(document.get("query_id"), "query_id")
    return Event(
        **_common(document),
        id=derived_id("ubi query", known or stored or derived_id(document.get("client_id"), asked, _when(document))),
        kind=Kind.QUERY,
        query=asked,
    )


def _event(document: Record, kind: Kind, stored: str) -> Event:
    attributes = _object(document, "event_attributes")
    seen = _object(attributes, "object")
    detail = _object(seen, "object_detail")
    product = text(seen.get("object_id"), "object_id")
    position = _position(attributes)
    quantity = whole(detail.get("quantity"), "object_detail.quantity")
    identity = ("ubi", kind, document.get("client_id"), document.get("query_id"), _when(document), product, position)
    return Event(
        **_common(document),
        id=derived_id("ubi", stored) if stored else derived_id(*identity),
        kind=kind,
        query=text(document.get("user_query"), "user_query"),
        product_id=product,
        position=position,
        price=real(detail.get("price"), "object_detail.price"),
        currency=currency(detail.get("currency")),
        quantity=1 if quantity is None else quantity,
    )


def _common(document: Record) -> dict[str, Any]:
    query_id = text(document.get("query_id"), "query_id")
    return {
        "time": _when(document),
        "shopper": text(document.get("client_id"), "client_id"),
        "session": text(
            document.get("session_id") or _object(document, "event_attributes").get("session_id"), "session_id"
        ),
        "query_id": query_id,
        "source": Source.SEARCH if query_id else Source.OTHER,
    }


def _when(document: Record) -> int:
    return moment(document.get("timestamp"), "timestamp")


def _position(attributes: Mapping[str, Any]) -> int | None:
    """`ordinal` is a number, or in older logs an object with `index`."""
    ordinal = _object(attributes, "position").get("ordinal")
    return whole(ordinal.get("index") if isinstance(ordinal, Mapping) else ordinal, "position.ordinal")


def _object(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = of.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _document(record: Record) -> Record:
    source = record.get("_source")
    return source if isinstance(source, Mapping) else record


FORMAT = Format("ubi", recognises, read)
