"""Task heads on a pretrained model: matching, re-ranking, classification, multi-label, regression and tagging. Each
owns its module, how examples become batches, its metrics, and its files.
"""

from openaisle.learning.heads.build import build_head, load_head
from openaisle.learning.heads.protocol import Head, HeadModule, HeadOptions, ModelOptions

__all__ = ["Head", "HeadModule", "HeadOptions", "ModelOptions", "build_head", "load_head"]
