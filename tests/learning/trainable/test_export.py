"""What does not fold is in the exported graph all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from openaisle.learning.backbones import open_backbone
from openaisle.learning.compression.export import ExportRecipe, export
from openaisle.learning.heads import HeadOptions, load_head
from openaisle.learning.heads.classify import ClassifyHead
from openaisle.learning.losses.cross_entropy import CrossEntropy
from openaisle.learning.trainable import Sizes, apply, restore
from openaisle.models.manifest import MODEL

TEXTS = ["red mug", "a blue jacket for men", "stoneware mug 350 ml cream"]


def logits(folder: Path, head: ClassifyHead) -> np.ndarray:
    session = onnxruntime.InferenceSession(folder / MODEL)
    names = {given.name for given in session.get_inputs()}
    read = head._reader.tensors(TEXTS)
    given: dict[str, Any] = {name: tensor.numpy() for name, tensor in read.items() if name in names}
    return np.asarray(session.run(None, given)[0])


@pytest.mark.parametrize("what", ["adapter", "prefix", "prompt", "lora"])
def test_the_graph_and_the_files_have_what_was_learned(what: str, tiny_base: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    head = ClassifyHead(
        open_backbone(str(tiny_base), max_tokens=24), HeadOptions(max_tokens=24), CrossEntropy(), ("a", "b", "c")
    )
    plain = head.outputs(TEXTS)
    trainable = apply(
        what,
        head.module,
        head.module.backbone,
        learning_rate=1e-2,
        total_steps=5,
        sizes=Sizes(bottleneck=8, virtual_tokens=4),
    )
    with torch.no_grad():
        for group in trainable.parameter_groups:
            for parameter in group["params"]:
                parameter.add_(0.1 * torch.randn_like(parameter))
    trainable.merge()
    learned = head.outputs(TEXTS)
    assert np.abs(learned - plain).max() > 0.01
    export(head, tmp_path / "exported", ExportRecipe(quantise="none"), texts=TEXTS)
    np.testing.assert_allclose(logits(tmp_path / "exported", head), learned, atol=1e-4)
    head.save(tmp_path / "weights")
    trainable.save(tmp_path / "weights")
    opened: Any = load_head(tmp_path / "weights")
    assert restore(opened.module, opened.module.backbone, tmp_path / "weights") is (what != "lora")
    np.testing.assert_allclose(opened.outputs(TEXTS), learned, atol=1e-5)
