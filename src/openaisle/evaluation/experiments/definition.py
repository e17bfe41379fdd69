"""What an experiment is: its variants, its metrics, and how sure one wants to be. Read from a small TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Interval, Len
from pydantic import ConfigDict, Strict, StringConstraints, TypeAdapter, ValidationError

from openaisle.errors import ExperimentError

_MAX_BYTES = 1_000_000
_MEND = "See docs/experiments.md for the keys of an experiment."

Name = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,100}$")]
Weight = Annotated[float, Strict(), Interval(gt=0, le=1e9)]
Correction = Literal["holm", "bh", "none"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A column's mean per unit or, with `per`, the ratio of two columns' sums (clicks per page, sales per order).

    `covariate` is a column measured before the experiment, by which chance is taken out (CUPED).
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: Name
    value: str = ""
    per: str = ""
    covariate: str = ""
    better: Literal["higher", "lower"] = "higher"

    @property
    def column(self) -> str:
        return self.value or self.name


@dataclass(frozen=True, slots=True)
class Experiment:
    """`variants` are weights by name, the first being the control unless `control` names another.

    `share` is the part of all units that takes part. `alpha` is the risk of a false alarm for each metric;
    `planned_units` is where a sequential analysis is sharpest, to be fixed before the first look.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: Name
    variants: Annotated[Mapping[Name, Weight], Len(2, 100)]
    control: str = ""
    share: Annotated[float, Strict(), Interval(gt=0, le=1)] = 1.0
    salt: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{0,100}$")] = ""
    metrics: Annotated[tuple[Metric, ...], Len(0, 200)] = ()
    alpha: Annotated[float, Strict(), Interval(gt=0, lt=0.5)] = 0.05
    correction: Correction = "holm"
    planned_units: Annotated[int, Strict(), Interval(ge=100, le=10**10)] = 10_000

    def __post_init__(self) -> None:
        if self.control and self.control not in self.variants:
            raise ValueError(f"control {self.control!r} is not among the variants")
        names = [metric.name for metric in self.metrics]
        if len(set(names)) < len(names):
            raise ValueError("two metrics have the same name")

    @property
    def baseline(self) -> str:
        """The variant that the others are compared with."""
        return self.control or next(iter(self.variants))

    @property
    def treatments(self) -> tuple[str, ...]:
        return tuple(name for name in self.variants if name != self.baseline)


def read_experiment(path: Path) -> Experiment:
    """The experiment in a TOML file; raises `ExperimentError` naming the key."""
    try:
        with path.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ExperimentError(f"{path} cannot be read: {error.strerror}.", "Name an experiment's TOML file.") from None
    if len(content) > _MAX_BYTES:
        raise ExperimentError(f"{path} is larger than {_MAX_BYTES:,} bytes.", "Check that it is the right file.")
    try:
        stated = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ExperimentError(f"{path} is not valid TOML: {error}.", _MEND) from None
    return experiment_of(stated, path.name)


def experiment_of(stated: Mapping[str, Any], called: str = "The experiment") -> Experiment:
    """The experiment that nested tables state. Raises `ExperimentError`."""
    try:
        return _schema().validate_python(stated)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"])) or called
        raise ExperimentError(f"{called}: {place}: {problem['msg']}.", _MEND) from None


@cache
def _schema() -> TypeAdapter[Experiment]:
    return TypeAdapter(Experiment)
