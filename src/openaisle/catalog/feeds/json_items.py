"""Pulls items out of one large JSON document without holding it: `[…]`, `{"products": […]}`, or values one after
another."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from openaisle.catalog.feeds.rows import EXCERPT, BadRow
from openaisle.catalog.feeds.stream import FeedStream
from openaisle.catalog.limits import LINE_BYTES

_SPACE = re.compile(r"[ \t\r\n]*")
_CHUNK = 131_072
_MEND = "Correct the JSON; what follows it was not read. JSON Lines would cost only the broken row."


class _Broken(Exception):
    """The document cannot be read on from here."""


def json_items(stream: FeedStream, containers: Collection[str]) -> Iterator[tuple[int, Any] | BadRow]:
    """Items numbered from 1: those of arrays at the top or under a name in `containers`, and top-level values.

    After a syntax error comes one `BadRow` and the end.
    """
    cursor = _Cursor(stream)
    number = 0
    try:
        for item in _documents(cursor, containers):
            number += 1
            yield number, item
    except _Broken as broken:
        reason = stream.damage or str(broken)
        yield BadRow(number + 1, reason, _MEND, cursor.ahead(EXCERPT), ends_feed=True)
        return
    if stream.damage:
        yield BadRow(number + 1, stream.damage, _MEND, ends_feed=True)


def _documents(cursor: _Cursor, containers: Collection[str]) -> Iterator[Any]:
    while sign := cursor.peek():
        if sign == "[":
            yield from _array(cursor)
        elif sign == "{":
            yield from _object(cursor, containers)
        else:
            raise _Broken(f"a JSON object or array was expected, not {sign!r}")


def _array(cursor: _Cursor) -> Iterator[Any]:
    cursor.take("[")
    if cursor.peek() == "]":
        cursor.take("]")
        return
    while True:
        yield cursor.value()
        if cursor.take(",]") == "]":
            return


def _object(cursor: _Cursor, containers: Collection[str]) -> Iterator[Any]:
    """The items of its containers; without any, the object itself."""
    cursor.take("{")
    members: dict[str, Any] = {}
    contained = False
    if cursor.peek() == "}":
        cursor.take("}")
        return
    while True:
        name = cursor.value()
        cursor.take(":")
        if name in containers and cursor.peek() == "[":
            contained = True
            yield from _array(cursor)
        elif isinstance(name, str):
            members[name] = cursor.value()
        if cursor.take(",}") == "}":
            break
    if not contained:
        yield members


class _Cursor:
    """A place in the document, with as much of it in memory as the value at hand needs."""

    def __init__(self, stream: FeedStream) -> None:
        self._reader = stream.reader
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._scan = json.JSONDecoder().raw_decode
        self._text = ""
        self._place = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is not space; empty at the end."""
        while True:
            match = _SPACE.match(self._text, self._place)
            self._place = match.end() if match else self._place
            if self._place < len(self._text):
                return self._text[self._place]
            if not self._fill():
                return ""

    def take(self, signs: str) -> str:
        sign = self.peek()
        if not sign or sign not in signs:
            raise _Broken(
                f"the JSON is broken: {' or '.join(signs)} was expected" + ("" if sign else " before its end")
            )
        self._place += 1
        return sign

    def value(self) -> Any:
        self.peek()
        while True:
            try:
                value, end = self._scan(self._text, self._place)
            except (ValueError, RecursionError) as error:
                if len(self._text) - self._place > LINE_BYTES or not self._fill():
                    raise _Broken(self._told(error)) from error
                continue
            if end < len(self._text):
                self._place = end
                return value
            if not self._fill():  # else a number may go on in the next piece
                self._place = len(self._text)
                return value

    def ahead(self, length: int) -> str:
        return self._text[self._place : self._place + length]

    def _told(self, error: Exception) -> str:
        if len(self._text) - self._place > LINE_BYTES:
            return f"an item is broken or has more than {LINE_BYTES:,} bytes"
        return f"the JSON is broken ({error})"

    def _fill(self) -> bool:
        if self._ended:
            return False
        chunk = self._reader.read(_CHUNK)
        self._ended = not chunk
        try:
            decoded = self._decode(chunk, final=self._ended)
        except UnicodeDecodeError as error:
            raise _Broken("the JSON is not valid UTF-8") from error
        self._text, self._place = self._text[self._place :] + decoded, 0
        return not self._ended
