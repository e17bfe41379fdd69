"""lineage.json: where a model comes from, what it learned from, and how good it was before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from openaisle.errors import ModelError

FILE = "lineage.json"
_MAX_BYTES = 8 << 20
Finite = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric's mean over the test split with the ends of its 95 % interval, where there is one."""

    mean: Finite
    low: Finite | None = None
    high: Finite | None = None


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What a model learned from. `digest` changes when any example does; `counts` are examples per split, `languages`
    texts per language; `source` says in words where the examples come from."""

    digest: str
    source: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lineage:
    """All that is known of how one version came to be.

    `base` is the backbone as the recipe names it, `parent` the version of this registry it was trained on from.
    `code` is the version of OpenAisle, `recipe` the text of the recipe, `parameters` what was trained and how (counts,
    rates, sizes). `before` and `after` are metrics on the same test split; `guarded` says how far each of some metrics
    may fall before promotion is refused. `seconds` is the wall-clock time of the training.
    """

    name: str
    task: str
    base: str
    licence: str
    data: DataFacts
    code: str
    recipe: str
    created_at: datetime
    parent: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    before: Mapping[str, Measured] = field(default_factory=dict)
    after: Mapping[str, Measured] = field(default_factory=dict)
    guarded: Mapping[str, Finite] = field(default_factory=dict)
    hardware: str = ""
    seconds: Finite = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The lineage as JSON knows it."""
        told: dict[str, Any] = _SCHEMA.dump_python(self, mode="json")
        return told


_SCHEMA = TypeAdapter(Lineage)


def write_lineage(folder: Path, lineage: Lineage) -> None:
    (folder / FILE).write_bytes(_SCHEMA.dump_json(lineage, indent=2))


def read_lineage(folder: Path) -> Lineage:
    """The lineage in a version's folder. Raises `ModelError` where it is missing or damaged."""
    path = folder / FILE
    try:
        with path.open("rb") as file:
            return _SCHEMA.validate_json(file.read(_MAX_BYTES))
    except FileNotFoundError:
        raise ModelError(
            f"{folder} has no {FILE}, so no training of this version left it.", "Train the model with openaisle train."
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ModelError(f"{path} is not valid: {where}: {first['msg']}.", "Train the model again.") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", "Check the file's permissions.") from None
