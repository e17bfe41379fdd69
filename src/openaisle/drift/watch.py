"""The drift of a shop's queries: what they are compared with, and where that is kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from openaisle.drift.comparison import DriftReport, compared
from openaisle.drift.profile import Profile, Tell, profile_of
from openaisle.errors import QueriesError
from openaisle.models.registry.disk import replace_file, storage_faults
from openaisle.standing import MODELS

if TYPE_CHECKING:
    from openaisle.shop import Shop

_MAX_BYTES = 256 << 20
_SCHEMA = TypeAdapter(Profile)


def drift(shop: Shop, queries: Path, baseline: Path | None, tell: Tell) -> DriftReport:
    """Compare the queries in a file, one a line, with those in `baseline` or, without it, with the profile kept at
    promotion. Where none was kept, these queries become it. Raises `QueriesError`."""
    asked = read_queries(queries)
    if baseline is not None:
        before, whence = profile_of(shop, read_queries(baseline), tell), f"the queries in {baseline}"
    else:
        kept = _kept(shop)
        before, whence = kept or keep_baseline(shop, queries, tell), "the queries kept at promotion"
        if kept is None:
            whence = "these queries, which are kept from now on"
    return compared(before, profile_of(shop, asked, tell, like=before), whence)


def keep_baseline(shop: Shop, queries: Path, tell: Tell) -> Profile:
    """Keep the profile of the queries in a file as what later ones are compared with, for the model in use."""
    profile = profile_of(shop, read_queries(queries), tell)
    file = _file(shop)
    with storage_faults("Keeping the profile of the queries"):
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file, _SCHEMA.dump_json(profile))
    return profile


def read_queries(file: Path) -> list[str]:
    """The queries in a text file, one a line; empty lines are passed over. Raises `QueriesError`."""
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_BYTES + 1)
    except OSError as error:
        told = f"{file} cannot be read: {error.strerror}."
        raise QueriesError(told, "Check the path and its permissions.") from error
    if len(content) > _MAX_BYTES:
        raise QueriesError(f"{file} is larger than {_MAX_BYTES >> 20} MiB.", "Give a sample of the queries.")
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise QueriesError(f"{file} is not UTF-8 text.", "Save it as UTF-8, one query a line.") from None
    queries = [" ".join(line.split()) for line in lines]
    found = [query for query in queries if query]
    if not found:
        raise QueriesError(f"{file} holds no queries.", "Write one query a line.")
    return found


def _kept(shop: Shop) -> Profile | None:
    """A profile that cannot be read, or is of another version, counts as none: it is kept anew."""
    try:
        return _SCHEMA.validate_json(_file(shop).read_bytes())
    except (OSError, ValidationError):
        return None


def _file(shop: Shop) -> Path:
    """A profile for each model: scores and vectors of two do not compare."""
    digest = hashlib.sha256(shop.settings.encoder.name.encode()).hexdigest()
    return shop.folder / MODELS / ".drift" / f"{digest[:16]}.json"
