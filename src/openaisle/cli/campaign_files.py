"""A campaign as the command line is given it: a JSON file, options, or both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openaisle.errors import InvalidCampaign

_MOST_BYTES = 1_000_000
_EXACT, _PHRASE = re.compile(r"\[(.+)\]", re.DOTALL), re.compile(r'"(.+)"', re.DOTALL)


def fields_of(file: Path | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a campaign; options that were given come before the file. Raises `InvalidCampaign`."""
    stated: dict[str, Any] = _read(file) if file is not None else {}
    plain = {
        "id": options["id_"],
        "advertiser": options["advertiser"],
        "products": list(options["products"]),
        "bid": options["bid"],
        "daily_budget": options["daily_budget"],
        "total_budget": options["total_budget"],
        "keywords": [keyword_of(written) for written in options["keywords"]],
        "negatives": [keyword_of(written) for written in options["negatives"]],
        "topics": list(options["topics"]),
    }
    return {**stated, **{name: value for name, value in plain.items() if value}}


def keyword_of(written: str) -> dict[str, str]:
    """`[red kettle]` is exact, `"red kettle"` a phrase, anything else broad."""
    for pattern, match in ((_EXACT, "exact"), (_PHRASE, "phrase")):
        if found := pattern.fullmatch(written.strip()):
            return {"text": found[1].strip(), "match": match}
    return {"text": written.strip(), "match": "broad"}


def _read(file: Path) -> dict[str, Any]:
    import orjson

    try:
        if file.stat().st_size > _MOST_BYTES:
            raise InvalidCampaign(f"{file} is larger than {_MOST_BYTES:,} bytes.", "Check that it is the right file.")
        stated = orjson.loads(file.read_bytes())
    except OSError as error:
        raise InvalidCampaign(f"{file} cannot be read: {error.strerror}.", "Name a JSON file.") from error
    except orjson.JSONDecodeError as error:
        raise InvalidCampaign(f"{file} is not JSON: {error}.", "Write one campaign as a JSON object.") from error
    if not isinstance(stated, dict):
        raise InvalidCampaign(f"{file} holds no JSON object.", "Write one campaign as a JSON object.")
    return stated
