from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from openaisle.learning.backbones import Backbone, open_backbone


@pytest.fixture
def backbone(tiny_base: Path) -> Backbone:
    return open_backbone(str(tiny_base), max_tokens=32, dropout=0.0)
