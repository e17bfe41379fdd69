"""A head as one ONNX graph: its transformer written out where that is known, the rest traced."""

from __future__ import annotations

from typing import Any

from onnx import GraphProto, ModelProto, TensorProto, helper

from openaisle.learning.compression.nodes import FUSED, IR_VERSION, OPSET, Nodes
from openaisle.learning.compression.tracing import OUTPUT, STATES, ending, whole
from openaisle.learning.compression.trunk import Trunk, known_trunk, states

_ENDING = "end/"


def head_graph(module: Any, output: str, types: bool) -> ModelProto:
    """input_ids, attention_mask (and token_type_ids, where the model tells second texts apart and `types` asks for
    it): int64 (texts, tokens) -> `output`, what `module.infer` gives, in float32. Raises `ExportError`."""
    trunk = known_trunk(module.backbone, types)
    if trunk is None:
        marked = types and getattr(module.backbone.config, "type_vocab_size", 0) > 1
        return _finished(_renamed(whole(module, marked).graph, {OUTPUT: output}), output)
    nodes = Nodes("trunk/")
    before = states(nodes, trunk)
    after = _apart(ending(module).graph, {STATES: before, OUTPUT: output})
    graph = helper.make_graph(
        [*nodes.nodes, *after.node],
        "head",
        _inputs(trunk),
        list(after.output),
        [*nodes.constants.values(), *after.initializer],
    )
    return _finished(graph, output)


def _inputs(trunk: Trunk) -> list[Any]:
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if trunk.types else [])]
    return [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in names]


def _apart(graph: GraphProto, names: dict[str, str]) -> GraphProto:
    """The graph with names of its own made distinct, and those it shares with its surroundings as they are there."""
    own = {value for node in graph.node for value in node.output} | {tensor.name for tensor in graph.initializer}
    return _renamed(graph, {name: f"{_ENDING}{name}" for name in own if name} | names)


def _renamed(graph: GraphProto, names: dict[str, str]) -> GraphProto:
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        node.name = f"{_ENDING}{node.name}"
        if any(attribute.HasField("g") for attribute in node.attribute):
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    _renamed(attribute.g, names)
    for value in (*graph.initializer, *graph.output, *graph.input):
        value.name = names.get(value.name, value.name)
    return graph


def _finished(graph: GraphProto, output: str) -> ModelProto:
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    assert [value.name for value in graph.output] == [output]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="openaisle")
