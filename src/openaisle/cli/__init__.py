"""The `openaisle` command: one file a command, tables for people, one JSON object for machines, 0/1/2 for scripts."""

from openaisle.cli.application import application as main

__all__ = ["main"]
