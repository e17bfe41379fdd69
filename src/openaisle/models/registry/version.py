"""One version of a model on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from openaisle.errors import ModelError
from openaisle.models.manifest import FILE as MANIFEST
from openaisle.models.manifest import MODEL, TOKENIZER, Manifest, read_manifest
from openaisle.models.registry.lineage import Lineage, read_lineage
from openaisle.models.registry.reference import SETTING
from openaisle.models.registry.sums import refuse_code, verify_sums

CARD, REPORT, WEIGHTS = "card.md", "report.html", "weights"

Slot = Literal["encoder", "reranker"]
"""A place in a shop that a model fills; also the kind of model, and the section of the settings, of that name."""
ENCODER: Slot = "encoder"
RERANKER: Slot = "reranker"
_SLOTS: dict[str, Slot] = {
    "match": ENCODER,
    "distil": ENCODER,
    "simcse": ENCODER,
    "tsdae": ENCODER,
    "rerank": RERANKER,
}


@dataclass(frozen=True, slots=True)
class Version:
    """`number` counts from 1; a number is never given twice, not even after its version was deleted."""

    name: str
    number: int
    folder: Path

    @property
    def reference(self) -> str:
        return f"{self.name}@{self.number}"

    @property
    def setting(self) -> str:
        """What the settings call it."""
        return f"{SETTING}{self.reference}"

    def lineage(self) -> Lineage:
        """Raises `ModelError` where it is missing or damaged."""
        return read_lineage(self.folder)

    def manifest(self) -> Manifest:
        """Raises `ModelError` where it is missing, or its files are damaged."""
        return read_manifest(self.folder)

    def verify(self) -> None:
        """Read every file and compare it with its hash. Raises `ModelError`."""
        refuse_code(self.folder)
        verify_sums(self.folder)
        require_whole(self.folder, self.lineage())


def slot_of(task: str) -> Slot | None:
    """The place in a shop that a model of this task fills; None for one that searches do not use."""
    return _SLOTS.get(task)


def require_whole(folder: Path, lineage: Lineage) -> None:
    """Raise `ModelError` unless the folder holds what a model of its task needs to be run."""
    slot = slot_of(lineage.task)
    if slot is not None:
        read_manifest(folder).of_kind(slot)
    elif (folder / MANIFEST).exists():
        read_manifest(folder)
    elif not (folder / MODEL).exists() and not (folder / WEIGHTS).is_dir():
        raise ModelError(
            f"{folder} holds neither {MODEL} nor {WEIGHTS}.", f"Write {MODEL} and {TOKENIZER}, or {WEIGHTS}/."
        )
