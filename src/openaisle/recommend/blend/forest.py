"""LightGBM's trees as an ONNX graph that tells what each part adds to a score, and so the score.

Walking down a tree, the expected score changes at every split; the change belongs to the part of the feature that is
asked there, and from the root to a leaf all changes add up to what the leaf says (Palczewska et al., 2014). So every
leaf says its changes by part instead of one number, and ranking and explaining are one run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from openaisle.errors import MissingExtra

_OPSET, _OPSET_ML, _IR = 17, 3, 9
_MISSING_IS_NAN = 2

Changes = Mapping[int, float]
"""What each part, by its number, adds."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One entry a split: `feature`, `threshold`, `missing` says whether an absent value goes left, `left` and `right`
    name the next split, or by ~n the leaf n; `expected` is the score there. `leaves` are what the leaves say."""

    feature: Sequence[int]
    threshold: Sequence[float]
    missing: Sequence[bool]
    left: Sequence[int]
    right: Sequence[int]
    expected: Sequence[float]
    leaves: Sequence[float]

    def score(self, node: int) -> float:
        return self.expected[node] if node >= 0 else self.leaves[~node]

    def number(self, node: int) -> int:
        """Splits first, then leaves."""
        return node if node >= 0 else len(self.feature) + ~node


def forest(text: str, part_of: Sequence[int], parts: int) -> bytes | None:
    """The graph `rows` (n, features) float32 → `parts` (n, parts) float32, of a LightGBM model's text; None where no
    tree splits. `part_of` numbers each feature's part; part 0 is what all rows share.

    Raises `MissingExtra` without onnx.
    """
    grown = [tree for tree in trees(text) if tree.feature]
    if not grown:
        return None
    try:
        onnx: Any = import_module("onnx")
    except ImportError as error:
        raise MissingExtra(
            "The learned blend needs onnx.", "Install it with: pip install 'openaisle[behaviour]'"
        ) from error
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    node = helper.make_node(
        "TreeEnsembleRegressor", ["rows"], ["parts"], domain="ai.onnx.ml", n_targets=parts, **_nodes(grown, part_of)
    )
    graph = helper.make_graph(
        [node],
        "blend",
        [helper.make_tensor_value_info("rows", kind, [None, len(part_of)])],
        [helper.make_tensor_value_info("parts", kind, [None, parts])],
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("ai.onnx.ml", _OPSET_ML)]
    model: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=_IR).SerializeToString()
    return model


def trees(text: str) -> Iterator[Tree]:
    """The trees of a LightGBM model's text."""
    for block in text.split("\nend of trees", maxsplit=1)[0].split("\nTree=")[1:]:
        stated = dict(line.split("=", 1) for line in block.splitlines()[1:] if "=" in line)
        leaves = [float(value) for value in stated["leaf_value"].split()]
        if len(leaves) == 1:
            yield Tree([], [], [], [], [], [], leaves)
            continue
        decisions = [int(value) for value in stated["decision_type"].split()]
        threshold = [float(value) for value in stated["threshold"].split()]
        yield Tree(
            [int(value) for value in stated["split_feature"].split()],
            threshold,
            [_goes_left(*each) for each in zip(decisions, threshold, strict=True)],
            [int(value) for value in stated["left_child"].split()],
            [int(value) for value in stated["right_child"].split()],
            [float(value) for value in stated["internal_value"].split()],
            leaves,
        )


def _goes_left(decision: int, threshold: float) -> bool:
    """Where a split has met no absent value in training, LightGBM takes one for 0."""
    return bool(decision >> 1 & 1) if decision >> 2 & 3 == _MISSING_IS_NAN else threshold >= 0


def _nodes(grown: Sequence[Tree], part_of: Sequence[int]) -> dict[str, list[Any]]:
    """The attributes of ONNX's node."""
    rows = [row for number, tree in enumerate(grown) for row in _splits(number, tree)]
    said = [each for number, tree in enumerate(grown) for each in _leaves(number, tree, part_of)]
    names = ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids")
    attributes = {
        f"nodes_{name}": list(column)
        for name, column in zip((*names, "missing_value_tracks_true"), zip(*rows, strict=True), strict=True)
    }
    told = zip(("treeids", "nodeids", "ids", "weights"), zip(*said, strict=True), strict=True)
    return attributes | {f"target_{name}": list(column) for name, column in told}


def _splits(number: int, tree: Tree) -> Iterator[tuple[Any, ...]]:
    for split, threshold in enumerate(tree.threshold):
        left, right = tree.number(tree.left[split]), tree.number(tree.right[split])
        bound = _rounded_down(threshold)
        yield number, split, tree.feature[split], "BRANCH_LEQ", bound, left, right, int(tree.missing[split])
    for leaf in range(len(tree.leaves)):
        yield number, tree.number(~leaf), 0, "LEAF", 0.0, 0, 0, 0


def _leaves(number: int, tree: Tree, part_of: Sequence[int]) -> Iterator[tuple[int, int, int, float]]:
    for leaf, changes in _walked(tree, part_of, 0, {0: tree.expected[0]}):
        for part, value in changes.items():
            yield number, tree.number(~leaf), part, value


def _walked(tree: Tree, part_of: Sequence[int], node: int, changes: Changes) -> Iterator[tuple[int, Changes]]:
    """Every leaf below, with what changed on the way to it."""
    if node < 0:
        yield ~node, changes
        return
    part = part_of[tree.feature[node]]
    for child in (tree.left[node], tree.right[node]):
        changed = changes.get(part, 0.0) + tree.score(child) - tree.score(node)
        yield from _walked(tree, part_of, child, {**changes, part: changed})


def _rounded_down(threshold: float) -> float:
    """The largest float32 up to it: rows are float32, so they go the same way."""
    rounded = np.float32(threshold)
    return float(rounded if float(rounded) <= threshold else np.nextafter(rounded, np.float32(-np.inf)))
