"""Models on disk: SHOP/recommend/<generation>/, of which CURRENT names the live one.

A generation is written beside the others and appears by one rename, whole or not at all. Nothing in it is pickled.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from openaisle.errors import NotTrained, RecommendationsCorrupt, ShopLocked
from openaisle.models.registry.disk import replace_file, storage_faults, sync_tree
from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.blend.ranker import EvenRanker, Graphs, LearnedRanker, Ranker
from openaisle.recommend.ids import Ids
from openaisle.recommend.learnt import Learnt
from openaisle.recommend.methods import (
    again,
    als,
    content,
    followed,
    item_knn,
    popular,
    sequential,
    session_knn,
    together,
)
from openaisle.recommend.protocol import Model
from openaisle.recommend.repeats import Repeats
from openaisle.recommend.shelf import Shelf

FOLDER = "recommend"
"""Folder of a shop that holds its models of recommending."""
_CURRENT = "CURRENT"
_NEW = ".new-"
"""Begins the name of a generation that is not whole yet."""
_FORMAT = 2
_BLEND, _PARTS = "blend.onnx", "blend_parts.onnx"
_LONGEST_NAME = 64
_KEPT = 1
"""Generations kept behind the live one, for readers that are opening it."""
_PATIENCE_S = 30
_GRAPH = "graph"
"""The array that is a file of its own: ONNX."""
_SHELF = ("live", "in_stock", "price", "category", "branch", "group")

_CLASSES: dict[str, type[Model]] = {
    "popular": popular.PopularModel,
    "trending": popular.PopularModel,
    "viewed": together.TogetherModel,
    "bought": together.TogetherModel,
    "item_knn": item_knn.ItemKnnModel,
    "followed": followed.FollowedModel,
    "session_knn": session_knn.SessionKnnModel,
    "again": again.AgainModel,
    "als": als.AlsModel,
    "sequential": sequential.SequentialModel,
    "content": content.ContentModel,
}


class Store:
    """The models of one shop."""

    def __init__(self, shop: Path) -> None:
        self.folder = shop / FOLDER
        self._current = str(self.folder / _CURRENT)

    def current(self) -> str:
        """The live generation; "" before the first. Raises `RecommendationsCorrupt`."""
        try:
            # read at every call, so without the layers of a text file
            with open(self._current, "rb", buffering=0) as file:
                name = file.read(_LONGEST_NAME).decode("ascii", "replace").strip()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise _corrupt(self.folder / _CURRENT, error.strerror or str(error)) from error
        if not name.isdigit():
            raise _corrupt(self.folder / _CURRENT, "it does not name a generation")
        return name

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Held by the one process that makes a generation. Raises `ShopLocked`."""
        with storage_faults("Writing the recommendations"):
            self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / "LOCK", timeout=_PATIENCE_S):
                yield
        except Timeout as error:
            raise ShopLocked(
                "Another process is training or refreshing the recommendations.", "Wait for it, or stop it."
            ) from error

    def publish(self, learnt: Learnt) -> str:
        """Write a generation and make it the live one; returns its name. Only within `writing`."""
        with storage_faults("Writing the recommendations"):
            number = max([0, *(int(path.name) for path in self._all())]) + 1
            made = self.folder / f"{_NEW}{uuid.uuid4().hex}"
            made.mkdir()
            try:
                _write(made, learnt)
                sync_tree(made)
                made.rename(self.folder / f"{number:06}")
            finally:
                shutil.rmtree(made, ignore_errors=True)
            replace_file(self.folder / _CURRENT, f"{number:06}\n".encode())
            self._remove_old(f"{number:06}")
        return f"{number:06}"

    def open(self) -> tuple[str, Learnt]:
        """The live generation and its name. Raises `NotTrained`, `RecommendationsCorrupt`."""
        name = self.current()
        if not name:
            raise NotTrained("This shop has no recommendations yet.", "Run: openaisle recommend train SHOP")
        folder = self.folder / name
        try:
            return name, _read(folder)
        except (OSError, KeyError, ValueError, TypeError) as error:
            raise _corrupt(folder, str(error).splitlines()[0] if str(error) else type(error).__name__) from error

    def _all(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_dir() and path.name.isdigit())

    def _remove_old(self, live: str) -> None:
        others = [path for path in self._all() if path.name != live]
        left = [path for path in self.folder.iterdir() if path.name.startswith(_NEW)]
        for path in [*others[: len(others) - _KEPT], *left]:
            shutil.rmtree(path, ignore_errors=True)


def _write(folder: Path, learnt: Learnt) -> None:
    knowledge, ranker = learnt.knowledge, learnt.ranker
    for name, method in knowledge.methods.items():
        arrays = dict(method.arrays())
        graph = arrays.pop(_GRAPH, None)
        if graph is not None:
            (folder / f"{name}.onnx").write_bytes(graph.tobytes())
        _save(folder / f"{name}.npz", arrays)
    _save(folder / "shelf.npz", {name: getattr(knowledge.shelf, name) for name in _SHELF})
    repeats = knowledge.repeats
    _save(
        folder / "habits.npz",
        {"opened": repeats.opened, "bought": repeats.bought, "days": repeats.days, "frequency": knowledge.frequency},
    )
    names = {"products": learnt.products, **knowledge.shelf.names}
    (folder / "names.json").write_bytes(orjson.dumps({name: list(ids.names) for name, ids in names.items()}))
    if isinstance(ranker, LearnedRanker):
        (folder / _BLEND).write_bytes(ranker.graphs.scoring)
        (folder / _PARTS).write_bytes(ranker.graphs.explaining)
    manifest = {
        "format": _FORMAT,
        "events": learnt.events,
        "catalogue": learnt.catalogue,
        "encoder": learnt.encoder,
        "methods": list(knowledge.methods),
        "blend": list(ranker.methods) if isinstance(ranker, LearnedRanker) else None,
        "bytes": {path.name: path.stat().st_size for path in sorted(folder.iterdir())},
    }
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))


def _read(folder: Path) -> Learnt:
    manifest = orjson.loads((folder / "manifest.json").read_bytes())
    if manifest["format"] != _FORMAT:
        raise ValueError(f"its format is {manifest['format']}, this version reads {_FORMAT}")
    for name, size in manifest["bytes"].items():
        if (folder / name).stat().st_size != size:
            raise ValueError(f"{name} is not whole")
    names = {name: Ids(ids) for name, ids in orjson.loads((folder / "names.json").read_bytes()).items()}
    products = names.pop("products")
    habits = _load(folder / "habits.npz")
    methods = {name: _method(folder, name) for name in manifest["methods"]}
    knowledge = Knowledge(
        methods,
        Repeats(habits["opened"], habits["bought"], habits["days"]),
        habits["frequency"],
        Shelf(**_load(folder / "shelf.npz"), names=names),
    )
    ranker: Ranker = EvenRanker()
    if manifest["blend"] is not None:
        graphs = Graphs((folder / _BLEND).read_bytes(), (folder / _PARTS).read_bytes())
        ranker = LearnedRanker(graphs, manifest["blend"])
    return Learnt(products, knowledge, ranker, manifest["events"], manifest["catalogue"], manifest["encoder"])


def _method(folder: Path, name: str) -> Model:
    arrays = _load(folder / f"{name}.npz")
    graph = folder / f"{name}.onnx"
    if graph.exists():
        arrays[_GRAPH] = np.frombuffer(graph.read_bytes(), np.uint8)
    return _CLASSES[name].from_arrays(arrays)


def _save(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def _load(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _corrupt(path: Path, reason: str) -> RecommendationsCorrupt:
    return RecommendationsCorrupt(
        f"{path.parent.name}/{path.name} cannot be used: {reason.rstrip('.')}.", "Run: openaisle recommend train SHOP"
    )
