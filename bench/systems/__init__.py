"""One file a system. Adding one: a class with the methods of `bench.system.System`, and a line here."""

from __future__ import annotations

from importlib import import_module

from bench.system import System

SYSTEMS = {
    "openaisle": ("OpenAisle", "OpenAisle"),
    "openaisle_answer": ("OpenAisle, whole answer", "OpenAisleAnswer"),
    "zvec": ("zvec", "Zvec"),
    "qdrant_edge": ("qdrant-edge", "QdrantEdge"),
    "tantivy_faiss": ("Tantivy + FAISS glue", "TantivyFaiss"),
    "bm25s_usearch": ("bm25s + USearch glue", "Bm25sUsearch"),
    "lancedb": ("LanceDB", "LanceDB"),
    "sqlite_fts_vec": ("FTS5 + sqlite-vec", "SqliteFtsVec"),
}
"""Module: what people call it, and its class."""


def load(name: str) -> System:
    system: System = getattr(import_module(f"bench.systems.{name}"), SYSTEMS[name][1])()
    return system
