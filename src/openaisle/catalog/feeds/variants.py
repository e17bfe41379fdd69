"""Variants nested in a product become rows of their own that share its id as group id and inherit what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def expanded(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The product itself, or one row for each of its `variants`. What a variant states overrides what it inherits."""
    variants = values.get("variants")
    if not isinstance(variants, list) or not variants:
        yield {name: value for name, value in values.items() if name != "variants"} if "variants" in values else values
        return
    shared = {name: value for name, value in values.items() if name not in {"variants", "id"}}
    shared["group_id"] = values.get("group_id") or values.get("id")
    for variant in variants:
        yield _merged(shared, variant) if isinstance(variant, Mapping) else {**shared, "id": None}


def _merged(shared: Mapping[str, Any], variant: Mapping[str, Any]) -> Mapping[str, Any]:
    merged = {**shared, **variant}
    ours, theirs = shared.get("attributes"), variant.get("attributes")
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        merged["attributes"] = {**ours, **theirs}
    return merged
