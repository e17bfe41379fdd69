"""Pretrained models to learn on: the starter, a folder, or a name on a hub. Weights come as safetensors or ONNX only,
and code that comes with a model is never run.
"""

from openaisle.learning.backbones.backbone import Backbone
from openaisle.learning.backbones.open import open_backbone

__all__ = ["Backbone", "open_backbone"]
