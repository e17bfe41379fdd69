"""What the annotations of a key say to a person: its meaning, what it may be, an example."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Interval, Len

from openaisle.settings.sections import Doc


@dataclass(frozen=True, slots=True)
class Described:
    """`kind` is the plain type under Annotated and Optional."""

    text: str
    allowed: str
    example: str | int
    kind: Any


def described(hint: Any) -> Described:
    """What a key annotated with `hint` says; `hint` holds a `Doc`."""
    kind, metadata = _unwrapped(hint)
    doc = next(one for one in metadata if isinstance(one, Doc))
    return Described(doc.text, doc.allowed or _allowed(kind, metadata), doc.example, kind)


def _allowed(kind: Any, metadata: tuple[Any, ...]) -> str:
    if typing.get_origin(kind) is Literal:
        return "one of " + ", ".join(map(str, typing.get_args(kind)))
    if kind is bool:
        return "true or false"
    if kind is str:
        length = next((one for one in metadata if isinstance(one, Len)), None)
        return f"text of at most {length.max_length:,} characters" if length else "text"
    bounds = next((one for one in metadata if isinstance(one, Interval)), Interval())
    number = "a whole number" if kind is int else "a number"
    return f"{number} from {bounds.ge:,} to {bounds.le:,}"


def _unwrapped(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """The plain type under Annotated and Optional, and all that the annotations said."""
    metadata: tuple[Any, ...] = ()
    while True:
        if typing.get_origin(hint) is Annotated:
            metadata += hint.__metadata__
            hint = hint.__origin__
        elif typing.get_origin(hint) in (types.UnionType, typing.Union):
            hint = next(option for option in typing.get_args(hint) if option is not type(None))
        else:
            return hint, metadata
