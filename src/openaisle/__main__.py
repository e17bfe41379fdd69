"""`python -m openaisle` is the `openaisle` command."""

from openaisle.cli import main

main(prog_name="openaisle")
