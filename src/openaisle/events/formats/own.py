"""OpenAisle's own JSONL: the fields of `Event`, one object a line, empty ones left out."""

from __future__ import annotations

from dataclasses import fields as fields_of

from openaisle.events import limits
from openaisle.events.event import Event, Kind, Source
from openaisle.events.fields import currency, moment, real, text, whole
from openaisle.events.formats.format import Format, Reading, Record
from openaisle.events.problems import Unfit

AGENT = "user_agent"
FIELDS = frozenset({*(field.name for field in fields_of(Event)), AGENT})
_KINDS = {kind.value: kind for kind in Kind}
_SOURCES = {source.value: source for source in Source} | {"": Source.OTHER, None: Source.OTHER}


def recognises(record: Record) -> bool:
    return "kind" in record and "time" in record


def read(record: Record) -> Reading:
    if not record.keys() <= FIELDS:
        unknown = ", ".join(sorted(record.keys() - FIELDS))
        raise Unfit(unknown[:80], "there is no such field", f"Use {', '.join(sorted(FIELDS))}.")
    get = record.get
    quantity = whole(get("quantity"), "quantity")
    event = Event(
        text(get("id"), "id"),
        _kind(get("kind")),
        moment(get("time"), "time"),
        text(get("shopper"), "shopper"),
        text(get("session"), "session"),
        text(get("query_id"), "query_id"),
        text(get("query"), "query"),
        text(get("product_id"), "product_id"),
        whole(get("position"), "position"),
        real(get("price"), "price"),
        currency(get("currency")),
        1 if quantity is None else quantity,
        real(get("seconds"), "seconds"),
        _source(get("source")),
        text(get("placement"), "placement"),
        text(get("campaign"), "campaign"),
    )
    return Reading((event,), text(get(AGENT), AGENT)[: limits.AGENT_LENGTH])


def _kind(value: object) -> Kind:
    kind = _KINDS.get(value) if type(value) is str else None
    if kind is None:
        raise Unfit("kind", f"there is no kind {str(value)[:40]!r}", f"Use one of {', '.join(_KINDS)}.")
    return kind


def _source(value: object) -> Source:
    source = _SOURCES.get(value) if value is None or type(value) is str else None
    if source is None:
        raise Unfit("source", f"there is no source {str(value)[:40]!r}", f"Use one of {', '.join(Source)}.")
    return source


FORMAT = Format("openaisle", recognises, read)
