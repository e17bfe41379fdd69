"""Collects the nodes and constants of an ONNX graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

OPSET = 17
"""The newest that both the fused operators' graph and PyTorch's tracing exporter write alike."""

IR_VERSION = 9
FUSED = "com.microsoft"
"""The domain of ONNX Runtime's own operators."""

_FUSED_KINDS = {
    "BiasGelu",
    "GatherBlockQuantized",
    "MatMulIntegerToFloat",
    "MatMulNBits",
    "MultiHeadAttention",
}


@dataclass(slots=True)
class Nodes:
    """Every method gives the name of the value it made; `prefix` keeps the names apart from another graph's."""

    prefix: str = ""
    nodes: list[NodeProto] = field(default_factory=list)
    constants: dict[str, TensorProto] = field(default_factory=dict)
    count: int = 0
    packed: dict[str, TensorProto] = field(default_factory=dict)
    """Constants that no node reads, for whoever writes the graph: other forms of constants that nodes read."""
    made: set[str] = field(default_factory=set)
    """Values that later nodes may use again instead of making their own."""

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        self.count += 1
        output = f"{self.prefix}{kind}_{self.count}"
        self.put(kind, inputs, output, **attributes)
        return output

    def put(self, kind: str, inputs: tuple[str, ...], output: str, **attributes: Any) -> None:
        """The same with a name of the caller's for what comes out."""
        domain = FUSED if kind in _FUSED_KINDS else ""
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=output, domain=domain, **attributes))

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """A value the graph holds. The same name twice means the same values, and is kept once."""
        return self._held(self.constants, f"{self.prefix}{name}", values)

    def pack(self, name: str, values: NDArray[Any]) -> None:
        self._held(self.packed, f"{self.prefix}{name}", values)

    @staticmethod
    def _held(held: dict[str, TensorProto], name: str, values: NDArray[Any]) -> str:
        if name not in held:
            held[name] = numpy_helper.from_array(np.require(values, requirements="C"), name)
        return name
