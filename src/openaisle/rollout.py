"""How a shop comes to another model, and back: built beside the live index, switched in one step, noted for the way
back.

The switch of the index is the moment that counts. Before it the change is noted as begun, after it the setting follows
and the change is noted as done. Whoever meets a change that was begun only (its process died, or is still at work)
looks at the live index: where that is the new model's, the new model is meant, whatever the setting still says.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from openaisle.engines.embedded.engine import EmbeddedEngine
from openaisle.errors import IndexCorrupt, IndexMismatch, ModelInUse, PromotionRefused, ShopLocked, StorageError
from openaisle.models.registry import Registry, Version
from openaisle.models.registry.disk import storage_faults
from openaisle.models.registry.gate import require_no_fall
from openaisle.models.registry.history import Change, History, Kind, State
from openaisle.models.registry.version import ENCODER, RERANKER, slot_of
from openaisle.settings import Settings, load
from openaisle.settings.editing import set_value
from openaisle.standing import MODELS, Standing, encoder_of, indexer_of

if TYPE_CHECKING:
    from openaisle.shop import Shop, Tell

PATIENCE = 30.0
"""Seconds that a change of models waits for another process to finish writing."""


@dataclass(frozen=True, slots=True)
class Switched:
    """`slot` is the setting's section, `before` and `after` what it named and names, `generation` the live index."""

    slot: str
    before: str
    after: str
    generation: str
    seconds: float = 0.0


def promote(shop: Shop, reference: str, tell: Tell, *, force: bool = False) -> Switched:
    """Use the version from now on, in the slot that its task fills. `force` passes over the gate, over nothing else.

    Raises `ModelNotFound`, `ModelError` for damaged or foreign files, `PromotionRefused`, `ShopLocked`, `StorageError`;
    the shop is then as it was.
    """
    version = Registry(shop.folder / MODELS).get(reference)
    version.verify()
    lineage = version.lineage()
    slot = slot_of(lineage.task)
    if slot is None:
        raise PromotionRefused(
            f"{version.reference} was trained for the task {lineage.task}, which no search uses.",
            f'Use it as a base of further training: base = "{version.reference}".',
        )
    if not force:
        require_no_fall(version.reference, lineage)
    _require_free(slot)
    with changing(shop.folder):
        settle(shop.folder, shop.engine)
        before = named(load(shop.folder), slot)
        if before == version.setting:
            raise PromotionRefused(f"{version.reference} is in use already.", "There is nothing to do.")
        if slot == ENCODER:
            return switch_encoder(shop, version.setting, tell)
        return _switch_setting(shop, slot, before, version.setting, Kind.PROMOTE)


def rollback(shop: Shop, tell: Tell) -> Switched:
    """Undo the last promotion that was not undone yet: its index generation was kept, and only products that changed
    since are encoded again. Raises `PromotionRefused` where there is no way back."""
    with changing(shop.folder):
        settle(shop.folder, shop.engine)
        ways = History(shop.folder / MODELS).ways_back()
        if not ways:
            raise PromotionRefused("No promotion was ever made that could be undone.", "There is nothing to do.")
        last = ways[-1]
        _require_free(last.slot)
        current = named(load(shop.folder), last.slot)
        if current != last.after:
            raise PromotionRefused(
                f"[{last.slot}] name is {current or 'not set'}, not {last.after} that was promoted last.",
                "Set it by hand to what you want, then run openaisle reindex.",
            )
        if last.slot == ENCODER:
            return _return_encoder(shop, last, ways[:-1], tell)
        return _switch_setting(shop, last.slot, last.after, last.before, Kind.ROLLBACK)


def switch_encoder(shop: Shop, name: str, tell: Tell) -> Switched:
    """Build a generation with the encoder that settings would call `name`, make it live, and set that name."""
    current = shop.settings
    wanted = replace(current, encoder=replace(current.encoder, name=name))
    # fails here, before anything is changed
    standing = Standing.of(shop.folder, wanted, shop.catalog, shop.engine, shop.profiles, ads=shop.ads)
    kept = _live(shop.engine)
    begun = _begun(Kind.PROMOTE, ENCODER, current.encoder.name, name, kept)

    def build() -> None:
        stayed = shop.engine.keep([kept] if kept else [])
        try:
            standing.indexer.rebuild(tell, PATIENCE)
        except BaseException:
            if not _landed(begun, shop.engine):
                shop.engine.keep(stayed)
            raise
        if standing.indexer.pending():
            standing.indexer.catch_up(tell, PATIENCE)

    return _carried_out(shop, begun, build, standing)


def _return_encoder(shop: Shop, last: Change, further: list[Change], tell: Tell) -> Switched:
    wanted = replace(shop.settings, encoder=replace(shop.settings.encoder, name=last.before))
    encoder = encoder_of(shop.folder, wanted)
    try:
        earlier = shop.engine.earlier(last.kept)
        indexer = indexer_of(wanted, encoder, shop.catalog, earlier)
        differences = earlier.built_with.differences(indexer.wanted())
    except (IndexCorrupt, IndexMismatch) as error:
        raise _no_generation(shop.folder, last, "is not there any more") from error
    if differences:
        raise _no_generation(shop.folder, last, f"was built with another {' and '.join(differences)}")
    standing = Standing.of(shop.folder, wanted, shop.catalog, shop.engine, shop.profiles, ads=shop.ads)
    begun = _begun(Kind.ROLLBACK, ENCODER, last.after, last.before, _live(shop.engine))
    begun = replace(begun, generation=last.kept)

    def go_back() -> None:
        indexer.catch_up(tell, PATIENCE)
        shop.engine.keep([change.kept for change in further[-1:] if change.kept])

    return _carried_out(shop, begun, go_back, standing)


def _carried_out(shop: Shop, begun: Change, work: Callable[[], None], standing: Standing) -> Switched:
    """Note, work, set, note: in this order, so that a death at any moment leaves the old model or the new one."""
    history = History(shop.folder / MODELS)
    history.begin(begun)
    try:
        work()
    except BaseException:
        if not _landed(begun, shop.engine):
            history.end(begun, State.ABANDONED)
        raise
    _set(shop.folder, begun.slot, begun.after)
    shop.adopt(standing)
    ended = history.end(begun, State.DONE, shop.engine.generation)
    return _switched(begun, ended)


def _switch_setting(shop: Shop, slot: str, before: str, after: str, kind: Kind) -> Switched:
    """A model that no index is built with: the setting alone decides."""
    section = replace(getattr(shop.settings, slot), name=after)
    wanted: Settings = replace(shop.settings, **{slot: section})
    # fails here, before anything is changed
    standing = Standing.of(shop.folder, wanted, shop.catalog, shop.engine, shop.profiles, ads=shop.ads)
    history = History(shop.folder / MODELS)
    begun = _begun(kind, slot, before, after, "")
    history.begin(begun)
    _set(shop.folder, slot, after)
    ended = history.end(begun, State.DONE)
    shop.adopt(standing)
    return _switched(begun, ended)


def settle(folder: Path, engine: EmbeddedEngine) -> None:
    """End a change that a process which died left begun. Only the holder of `changing` may."""
    history = History(folder / MODELS)
    begun = history.open_change()
    if begun is None:
        return
    is_set = named(load(folder), begun.slot) == begun.after
    landed = _landed(begun, engine) if begun.slot == ENCODER else is_set
    if not landed:
        history.end(begun, State.ABANDONED)
        return
    if not is_set:
        _set(folder, begun.slot, begun.after)
    history.end(begun, State.DONE, engine.generation)


def settle_if_free(folder: Path, engine: EmbeddedEngine) -> None:
    """The same at the opening of a shop: not while another process is at it, nor where nothing may be written."""
    if History(folder / MODELS).open_change() is None:
        return
    try:
        with changing(folder, patience=0.0):
            settle(folder, engine)
    except (ShopLocked, StorageError, IndexCorrupt, IndexMismatch):
        pass  # `meant` reads the change as it stands


def meant(folder: Path, settings: Settings, engine: EmbeddedEngine) -> Settings:
    """The settings with the encoder that is meant, also while a change of encoders is begun and not done."""
    begun = History(folder / MODELS).open_change()
    if begun is None or begun.slot != ENCODER or settings.encoder.name not in (begun.before, begun.after):
        return settings
    name = begun.after if _landed(begun, engine) else begun.before
    return replace(settings, encoder=replace(settings.encoder, name=name))


def followed(folder: Path, settings: Settings, engine: EmbeddedEngine) -> Settings:
    """The settings of an open shop with the encoder that its file names now, or that is meant."""
    return meant(folder, replace(settings, encoder=load(folder).encoder), engine)


def delete(shop: Shop, reference: str) -> Version:
    """Remove a version that the shop neither uses nor may go back to. Raises `ModelNotFound`, `ModelInUse`."""
    registry = Registry(shop.folder / MODELS)
    with changing(shop.folder):
        settle(shop.folder, shop.engine)
        version = registry.get(reference)
        if version.setting in in_use(shop.folder):
            raise ModelInUse(f"The shop uses {version.reference}.", "Promote another model first.")
        if version.setting in (change.before for change in History(registry.folder).ways_back()[-1:]):
            raise ModelInUse(
                f"A rollback would go back to {version.reference}.", "Promote another model first, or roll back."
            )
        return registry.delete(version.reference)


def in_use(folder: Path) -> dict[str, str]:
    """What the settings name, with the slot it is named in."""
    settings = load(folder)
    return {name: slot for slot in (RERANKER, ENCODER) if (name := named(settings, slot))}


def named(settings: Settings, slot: str) -> str:
    """The model in a slot; empty for none."""
    return str(getattr(getattr(settings, slot, None), "name", None) or "")


@contextmanager
def changing(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Held by the one process that changes the shop's models. Raises `ShopLocked`."""
    models = folder / MODELS
    with storage_faults("Locking the shop's models"):
        models.mkdir(exist_ok=True)
        lock = FileLock(models / ".lock")
        try:
            lock.acquire(timeout=patience)
        except Timeout:
            raise ShopLocked(
                "Another process is changing the models of this shop.", "Wait until it is done, then try again."
            ) from None
    try:
        yield
    finally:
        lock.release()


def _begun(kind: Kind, slot: str, before: str, after: str, kept: str) -> Change:
    return Change(kind, State.BEGUN, slot, before, after, datetime.now(UTC), kept)


def _landed(begun: Change, engine: EmbeddedEngine) -> bool:
    """Whether the live index is the new encoder's already."""
    live = _live(engine)
    if live in ("", begun.kept):
        return False
    return live == begun.generation or engine.built_with.setting == begun.after


def _live(engine: EmbeddedEngine) -> str:
    """The live generation; empty where there is none that can be read."""
    try:
        return engine.generation if engine.exists() else ""
    except (IndexCorrupt, IndexMismatch):
        return ""


def _set(folder: Path, slot: str, name: str) -> None:
    with storage_faults("Changing openaisle.toml"):
        set_value(folder, slot, "name", name)


def _require_free(slot: str) -> None:
    variable = f"OPENAISLE_{slot.upper()}_NAME"
    if variable in os.environ:
        raise PromotionRefused(
            f"The environment variable {variable} decides which model is used, whatever is promoted.",
            "Unset it, for every process of the shop.",
        )


def _no_generation(folder: Path, last: Change, why: str) -> PromotionRefused:
    return PromotionRefused(
        f"The index generation {last.kept or 'before the first'} of {last.before} {why}.",
        f"Build it anew with: openaisle reindex {folder} --encoder {last.before}",
    )


def _switched(begun: Change, ended: Change) -> Switched:
    seconds = round((ended.at - begun.at).total_seconds(), 3)
    return Switched(begun.slot, begun.before, begun.after, ended.generation, seconds)
