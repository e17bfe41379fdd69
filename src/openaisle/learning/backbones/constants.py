"""The constants of an exported graph by the names they had before they were put into fewer bits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from openaisle.models.manifest import MODEL
from openaisle.models.packed import FILE, NIBBLES, QUANTISED, SCALES, Matrix, packed_matrices


@dataclass(frozen=True, slots=True)
class Constants(Mapping[str, NDArray[Any]]):
    """Matrices (inner, outer) and tables (rows, columns) in float32, everything else as it is. `attributes`: numbers
    that the graph's operators were given, by name."""

    held: Mapping[str, NDArray[Any]]
    attributes: Mapping[str, float]

    @classmethod
    def of(cls, folder: Path) -> Constants:
        """Raises `ValueError` for a folder with matrices in int8 alone: what they were is lost."""
        import onnx

        graph = onnx.load(folder / MODEL, load_external_data=False).graph
        here = [tensor for tensor in graph.initializer if tensor.data_location != onnx.TensorProto.EXTERNAL]
        arrays = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in here}
        attributes = {
            attribute.name: float(onnx.helper.get_attribute_value(attribute))
            for node in reversed(graph.node)  # the transformer comes first, and has the last word
            for attribute in node.attribute
            if attribute.name in ("num_heads", "epsilon")
        }
        return cls({**_plain(arrays), **_in_blocks(arrays), **_matrices(folder)}, attributes)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)


def _plain(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name: values for name, values in arrays.items() if not name.startswith(QUANTISED)}


def _in_blocks(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What the graph itself holds in 4 bits: tables (rows, bytes), and matrices (outer, blocks, bytes) turned round."""
    found = {}
    for name, packed in arrays.items():
        if name.startswith(QUANTISED) and name.endswith(NIBBLES):
            short = name.removesuffix(NIBBLES)
            steps = arrays[f"{short}{SCALES}"].reshape(len(packed), -1)
            values = Matrix(packed.reshape(*steps.shape, -1), steps, 2 * packed[0].size).floats()
            found[short.removeprefix(QUANTISED)] = values.T if packed.ndim == 3 else values
    return found


def _matrices(folder: Path) -> dict[str, NDArray[Any]]:
    if not (folder / FILE).exists():
        raise ValueError("it holds no packed matrices")
    return {name.removeprefix(QUANTISED): matrix.floats().T for name, matrix in packed_matrices(folder)}
