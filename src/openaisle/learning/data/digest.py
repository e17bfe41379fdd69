"""A data set with the digest that tells it from every other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from hashlib import sha256

import orjson

from openaisle.errors import DataError
from openaisle.learning.examples import DataSet, Example, Split

SPLITS: tuple[Split, ...] = ("train", "validation", "test")


def data_set(train: Iterable[Example], validation: Iterable[Example], test: Iterable[Example]) -> DataSet:
    """The three splits as one data set, its digest computed. Raises `DataError` for examples of different kinds."""
    splits = (tuple(train), tuple(validation), tuple(test))
    kinds = sorted({type(example).__name__ for split in splits for example in split})
    if len(kinds) > 1:
        raise DataError(f"Examples of {' and '.join(kinds)} in one data set.", "Keep one kind of example.")
    return DataSet(*splits, digest_of(splits))


def digest_of(splits: Iterable[Iterable[Example]]) -> str:
    """SHA-256 over the examples in order, each split set apart."""
    digest = sha256()
    for name, split in zip(SPLITS, splits, strict=True):
        digest.update(f"{name}\n".encode())
        for example in split:
            digest.update(as_line(example))
    return digest.hexdigest()


def as_line(example: Example) -> bytes:
    """The example as one line of JSON, its kind first."""
    body = {"kind": type(example).__name__}
    body.update({field.name: getattr(example, field.name) for field in fields(example)})
    try:
        return orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError as error:
        raise DataError(f"An example cannot be written as JSON: {error}.", "Remove broken characters.") from None
