from __future__ import annotations

import pytest

from openaisle.errors import MissingExtra
from openaisle.evaluation import scikit
from openaisle.evaluation.uplift import usual_regressor


def test_a_missing_part_is_named_with_its_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scikit, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"openaisle\[behaviour\]"):
        usual_regressor()
