"""How a model of the registry is named: `NAME@VERSION`, or `NAME` for its latest version."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openaisle.errors import ModelNotFound

NAME = r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?"
_REFERENCE = re.compile(rf"({NAME})(?:@([1-9][0-9]{{0,8}}))?")
SETTING = "model:"
"""Begins the name of a registry's model in the settings."""


@dataclass(frozen=True, slots=True)
class Reference:
    """`version` is None where the latest is meant."""

    name: str
    version: int | None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Raises `ModelNotFound` for what no model can be called."""
        matched = _REFERENCE.fullmatch(text.removeprefix(SETTING))
        if matched is None:
            raise ModelNotFound(
                f"{text[:80]!r} does not name a model.",
                "Write NAME or NAME@VERSION, of small letters, digits and hyphens, such as shop-encoder@3.",
            )
        return cls(matched[1], None if matched[2] is None else int(matched[2]))
