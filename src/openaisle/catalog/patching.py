"""Partial updates: a JSON merge patch on the stored product, checked like any other product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openaisle.catalog.changes import Patch, Patched
from openaisle.catalog.serialization import to_json
from openaisle.catalog.validation import check
from openaisle.catalog.writes import Writer, encode, write_bodies


def apply_patches(writer: Writer, patches: Iterable[Patch]) -> Patched:
    """Apply patches in the writer's transaction. Several for one product are applied in their order."""
    wanted: dict[str, list[Patch]] = {}
    for patch in patches:
        wanted.setdefault(patch.id, []).append(patch)
    stored = writer.bodies(wanted)
    encoded: dict[str, tuple[dict[str, Any], bytes]] = {}
    invalid: dict[str, str] = {}
    for id_, body in stored.items():
        checked = check(_merged(body, wanted[id_]))
        if checked.product is None:
            invalid[id_] = "; ".join(f"{problem.field}: {problem.reason}" for problem in checked.problems)
            continue
        fields = to_json(checked.product)
        encoded[id_] = fields, encode(fields)
    changed = write_bodies(writer, encoded)
    writer.flush()
    unknown = tuple(id_ for id_ in wanted if id_ not in stored)
    return Patched(changed, len(encoded) - changed, unknown, invalid)


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396: objects merge member by member, `None` removes, anything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def _merged(body: Mapping[str, Any], patches: Iterable[Patch]) -> dict[str, Any]:
    merged: dict[str, Any] = dict(body)
    for patch in patches:
        merged = merge_patch(merged, {name: value for name, value in patch.fields.items() if name != "id"})
    return merged
