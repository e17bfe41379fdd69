"""`openaisle doctor`: what is wrong with a shop and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openaisle.cli.output import console, one_line, print_json
from openaisle.cli.parameters import json_option, shop_argument
from openaisle.errors import OpenAisleError, ShopNotFound

if TYPE_CHECKING:
    from openaisle.checkup import Finding

_STYLES = {"error": "bold red", "warning": "yellow", "ok": "green"}


@click.command()
@shop_argument
@json_option
def doctor(shop: Path, as_json: bool) -> int:
    """Check SHOP: settings, store, index, model, disk. The exit status is 1 when something must be mended."""
    findings = _findings(shop)
    ok = all(finding.level != "error" for finding in findings)
    if as_json:
        listed = [{"level": str(found.level), "what": found.what, "mend": found.mend} for found in findings]
        print_json({"ok": ok, "findings": listed})
        return 0 if ok else 1
    _show(findings, ok)
    return 0 if ok else 1


def _findings(folder: Path) -> Sequence[Finding]:
    """What the shop finds; a shop that does not even open is a finding, a folder that is no shop a wrong call."""
    from openaisle.checkup import Finding, Level
    from openaisle.shop import Shop

    try:
        with Shop.open(folder) as opened:
            return opened.doctor()
    except ShopNotFound:
        raise
    except OpenAisleError as error:
        return [Finding(Level.ERROR, error.detail, error.mend)]


def _show(findings: Sequence[Finding], ok: bool) -> None:
    from rich.text import Text

    out = console()
    for finding in findings:
        level = str(finding.level)
        out.print(Text.assemble((f"{level:8}", _STYLES.get(level, "")), one_line(finding.what)), soft_wrap=True)
        if finding.mend:
            out.print(Text(f"{'':8}→ {one_line(finding.mend)}"), soft_wrap=True)
    out.print(Text("The shop is in order." if ok else "The shop needs mending."))
