from __future__ import annotations

from pathlib import Path

from contract import BUILT, EngineContract
from reference import BOOSTS

from openaisle.engines.embedded.engine import EmbeddedEngine
from openaisle.engines.embedded.postings import FieldWeight
from openaisle.engines.protocol import Engine, Snapshot


class TestEmbeddedEngine(EngineContract):
    def open(self, folder: Path) -> EmbeddedEngine:
        return EmbeddedEngine(folder, {field: FieldWeight(boost) for field, boost in BOOSTS.items()})

    def test_it_keeps_the_protocol(self, tmp_path: Path) -> None:
        engine = self.open(tmp_path)
        with engine.rebuild(BUILT, 0) as writer:
            writer.commit(0)
        assert isinstance(engine, Engine)
        assert isinstance(engine.snapshot(), Snapshot)
