"""The shop's own models on disk: numbered versions that appear whole or not at all, each with its lineage, its card and
the hash of every file, and the refusal of anything that could run code when it is read."""

from openaisle.models.registry.lineage import DataFacts, Lineage, Measured, read_lineage, write_lineage
from openaisle.models.registry.reference import Reference
from openaisle.models.registry.registry import Registry
from openaisle.models.registry.version import Version

__all__ = ["DataFacts", "Lineage", "Measured", "Reference", "Registry", "Version", "read_lineage", "write_lineage"]
