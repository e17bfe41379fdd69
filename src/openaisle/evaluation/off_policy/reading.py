"""Logged decisions and target policies from tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from openaisle.errors import ExperimentError
from openaisle.evaluation.features import Feature, features_of, matrix
from openaisle.evaluation.off_policy.decisions import Decisions, TargetPolicy, Values
from openaisle.evaluation.table import Table, read_table

ACTION, REWARD, PROPENSITY, TARGET, SLOT = "action", "reward", "propensity", "target", "slot"
PER_ACTION = "target."
_MOST_PROBABILITIES = 200_000_000


def logged_target_in(table: Table) -> tuple[Values, Values, Values]:
    """Rewards, propensities and the target's probabilities of the actions taken, from columns of those names."""
    target = table.numbers(TARGET)
    outside = (target < 0) | (target > 1)
    if outside.any():
        raise table.wrong(int(outside.argmax()), TARGET, "is not a probability")
    return table.numbers(REWARD), _propensities(table), target


def decisions_in(
    table: Table, policy: Path | None = None, context: Sequence[str] = ()
) -> tuple[Decisions, TargetPolicy]:
    """Decisions and the target policy: columns `action`, `reward`, `propensity`, perhaps `slot`, and `context`.

    The target policy is that of the file `policy` (see `read_policy`), else that of the columns `target.ACTION`, one an
    action, else every action of the log with one probability. Raises `ExperimentError`, naming the line.
    """
    actions = table.texts(ACTION)
    slots = table.texts(SLOT) if SLOT in table.columns else [""] * len(table)
    own = [name.removeprefix(PER_ACTION) for name in table.columns if name.startswith(PER_ACTION)]
    given = read_policy(policy) if policy else {}
    beyond = (action for distribution in given.values() for action in distribution)
    names = tuple(dict.fromkeys([*sorted(set(actions)), *own, *beyond]))
    place = {name: number for number, name in enumerate(names)}
    decisions = Decisions(
        rewards=table.numbers(REWARD),
        propensities=_propensities(table),
        actions=np.array([place[action] for action in actions], dtype=np.int64),
        names=names,
        context=_context(table, context),
    )
    if given:
        return decisions, _by_slot(given, slots, place)
    return decisions, _by_decision(table, names) if own else _uniform(names, len(table))


def read_policy(path: Path) -> dict[str, dict[str, float]]:
    """Slot → action → probability, from columns `action`, `probability` and perhaps `slot` ("" where there is none)."""
    table = read_table(path)
    actions, probabilities = table.texts(ACTION), table.numbers("probability")
    slots = table.texts(SLOT) if SLOT in table.columns else [""] * len(table)
    policy: dict[str, dict[str, float]] = {}
    for row, (slot, action) in enumerate(zip(slots, actions, strict=True)):
        distribution = policy.setdefault(slot, {})
        if action in distribution:
            raise table.wrong(row, ACTION, "has a probability above already")
        if not 0 <= probabilities[row] <= 1:
            raise table.wrong(row, "probability", "is not a probability")
        distribution[action] = float(probabilities[row])
    return policy


def _context(table: Table, names: Sequence[str]) -> Values:
    """The named columns and the slot, which is no quantity even where it is written as a number."""
    slot = (Feature(SLOT, tuple(sorted(set(table.columns[SLOT])))),) if SLOT in table.columns else ()
    return matrix(table, (*features_of(table, names), *slot))


def _propensities(table: Table) -> Values:
    values = table.numbers(PROPENSITY)
    outside = ~((values > 0) & (values <= 1))
    if outside.any():
        raise table.wrong(int(outside.argmax()), PROPENSITY, "is not a probability above 0")
    return values


def _by_slot(policy: Mapping[str, Mapping[str, float]], slots: Sequence[str], place: Mapping[str, int]) -> TargetPolicy:
    order = {slot: number for number, slot in enumerate(policy)}
    anywhere = order.get("") if len(policy) == 1 else None
    missing = next((slot for slot in slots if slot not in order), None)
    if missing is not None and anywhere is None:
        raise ExperimentError(f"The policy says nothing of slot {missing}.", "Add its actions and probabilities.")
    table = np.zeros((len(policy), len(place)))
    for slot, distribution in policy.items():
        for action, probability in distribution.items():
            table[order[slot], place[action]] = probability
    rows = [order[slot] if anywhere is None else anywhere for slot in slots]
    return TargetPolicy(table, np.array(rows, dtype=np.int64))


def _by_decision(table: Table, names: Sequence[str]) -> TargetPolicy:
    if len(table) * len(names) > _MOST_PROBABILITIES:
        raise ExperimentError(f"{table.name} holds too many probabilities.", "Give a sample of it.")
    lacking = [name for name in names if f"{PER_ACTION}{name}" not in table.columns]
    if lacking:
        raise ExperimentError(
            f"{table.name} has no column {PER_ACTION}{lacking[0]}.",
            "Give one for every action, 0 where it is never taken.",
        )
    columns = np.column_stack([table.numbers(f"{PER_ACTION}{name}") for name in names])
    return TargetPolicy(columns, np.arange(len(table)))


def _uniform(names: Sequence[str], count: int) -> TargetPolicy:
    return TargetPolicy(np.full((1, len(names)), 1 / len(names)), np.zeros(count, dtype=np.int64))
