"""Google Merchant XML (RSS 2.0 items or Atom entries with the `g:` namespace), parsed piece by piece; plain
`<product>` elements with a child or XML attribute a field are read as well.

No DTD is accepted, so there are no entities to expand; an item that is too large is dropped while it is being read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from openaisle.catalog.feeds.google import normalized
from openaisle.catalog.feeds.rows import BadRow, Row, Rows
from openaisle.catalog.feeds.stream import FeedStream
from openaisle.catalog.limits import LINE_BYTES
from openaisle.errors import FeedError

_CHUNK = 65_536
_SILENCE = 4_000_000
"""Bytes that the parser may swallow without reporting anything: a tag or comment that long is an attack."""
_ITEMS = {"item", "entry", "product"}
_MEND = "Correct the XML; what follows the error was not read."


def read_google_xml(stream: FeedStream) -> Rows:
    """Rows from items. Raises `FeedError` for XML with a DTD and for what is not XML from its start."""
    return normalized(_rows(stream))


def _rows(stream: FeedStream) -> Rows:
    target = _Items()
    parser = DefusedXMLParser(target=target, encoding="utf-8", forbid_dtd=True)
    try:
        for _ in _fed(parser, target, stream):
            yield from target.taken()
    except DefusedXmlException as error:
        mend = "Remove the <!DOCTYPE …> with its entities; a product feed needs none."
        raise FeedError("The XML feed has a document type definition, which is refused.", mend) from error
    except ParseError as error:
        if not target.began:
            raise FeedError(f"The feed is not XML ({error}).", "Give an RSS or Atom file, or name --format.") from error
        yield from target.taken()
        reason = stream.damage or f"the XML is broken ({error})"
        yield BadRow(target.completed + 1, reason, _MEND, ends_feed=True)


def _fed(parser: DefusedXMLParser, target: _Items, stream: FeedStream) -> Iterator[None]:
    silent, events = 0, 0
    while chunk := stream.reader.read(_CHUNK):
        parser.feed(chunk)
        silent = silent + len(chunk) if target.events == events else 0
        events = target.events
        if silent > _SILENCE:
            raise FeedError(f"One tag of the XML feed has more than {_SILENCE:,} bytes.", "Check the file.")
        yield
    parser.close()
    yield


class _Items:
    """Receives the parser's events and keeps only the item at hand."""

    def __init__(self) -> None:
        self.events = 0
        self.began = False
        self.completed = 0
        self._done: list[Row | BadRow] = []
        self._item: _Item | None = None

    def taken(self) -> list[Row | BadRow]:
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.events += 1
        self.began = True
        name = _local(tag)
        if self._item is not None:
            self._item.open(name, attributes)
        elif name in _ITEMS:
            self._item = _Item(self.completed + 1, attributes)

    def data(self, text: str) -> None:
        self.events += 1
        if self._item is not None:
            self._item.write(text)

    def end(self, tag: str) -> None:
        self.events += 1
        if self._item is None:
            return
        if self._item.is_open:
            self._item.shut()
        elif _local(tag) in _ITEMS:
            self._done.append(self._item.row())
            self._item = None
            self.completed += 1

    def close(self) -> None:
        return None


class _Item:
    """One item as values by name: text, a dict for an element with children, a list for a repeated one."""

    def __init__(self, number: int, attributes: dict[str, str]) -> None:
        self._number = number
        self._size = 0
        self._names: list[str] = []
        self._texts: list[list[str]] = []
        self._levels: list[dict[str, Any]] = [{_local(name): value[:LINE_BYTES] for name, value in attributes.items()}]

    @property
    def is_open(self) -> bool:
        return bool(self._names)

    def open(self, name: str, attributes: dict[str, str]) -> None:
        self._size += len(name) + 1
        self._names.append(name)
        # Atom has its address in an attribute: <link href="…"/>.
        self._texts.append([attributes["href"][:LINE_BYTES]] if name == "link" and "href" in attributes else [])
        self._levels.append({})

    def write(self, text: str) -> None:
        self._size += len(text)
        if self._texts and not self._is_too_large:
            self._texts[-1].append(text)

    def shut(self) -> None:
        name, text, children = self._names.pop(), "".join(self._texts.pop()).strip(), self._levels.pop()
        value: Any = children or text
        if value and not self._is_too_large:
            level = self._levels[-1]
            level[name] = [*_as_list(level[name]), value] if name in level else value

    def row(self) -> Row | BadRow:
        if self._is_too_large:
            reason = f"the item has {self._size:,} characters, more than {LINE_BYTES:,}"
            return BadRow(self._number, reason, "Shorten the item.")
        return Row(self._number, self._levels[0])

    @property
    def _is_too_large(self) -> bool:
        return self._size > LINE_BYTES


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
