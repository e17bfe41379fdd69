"""OpenAisle against other embedded engines, on real titles with real vectors; `make bench` runs it.

`corpus` makes the products, `systems` holds one file a system, `measure` measures one system in a process of its own,
`run` lets them take turns, `report` writes docs/performance.md.
"""
