"""Heads of every task on a tiny backbone, untrained."""

from __future__ import annotations

from typing import Any

import torch

from openaisle.learning.backbones import Backbone
from openaisle.learning.heads import HeadOptions
from openaisle.learning.heads.classify import ClassifyHead
from openaisle.learning.heads.match import MatchHead
from openaisle.learning.heads.multilabel import MultilabelHead
from openaisle.learning.heads.regress import RegressHead
from openaisle.learning.heads.rerank import RerankHead
from openaisle.learning.heads.tag import TagHead

UNUSED: Any = torch.nn.Identity()
MAKERS = {
    "match": lambda b, o: MatchHead(b, o, UNUSED),
    "rerank": lambda b, o: RerankHead(b, o, UNUSED),
    "classify": lambda b, o: ClassifyHead(b, o, UNUSED, ("mug", "shoe", "lamp")),
    "multilabel": lambda b, o: MultilabelHead(b, o, UNUSED, ("red", "blue")),
    "regress": lambda b, o: RegressHead(b, o, UNUSED, 5.0, 2.0),
    "tag": lambda b, o: TagHead(b, o, UNUSED, ("brand", "colour")),
}


def head_of(task: str, backbone: Backbone, **options: Any) -> Any:
    """The head with weights large enough for its outputs to differ from text to text."""
    torch.manual_seed(11)
    head: Any = MAKERS[task](backbone, HeadOptions(**{"max_tokens": 32, **options}))
    with torch.no_grad():
        for name, parameter in head.module.named_parameters():
            if not name.startswith("backbone") and parameter.ndim > 1:
                parameter.normal_(std=1.0)
    return head
