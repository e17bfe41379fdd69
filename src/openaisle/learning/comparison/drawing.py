"""Drawing with matplotlib: one look for all pictures, legible on light and dark paper, no state left behind."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from openaisle.errors import MissingExtra
from openaisle.learning.comparison.page import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BEFORE, AFTER, GOOD, BAD, INK = "#8b95a5", "#2f6fde", "#2c9c5e", "#d0513f", "#7d8796"
_LONGEST_NAME = 28
_LOOK: Any = {  # keys of matplotlib's settings
    "svg.fonttype": "none",  # the reader's own fonts, which have Chinese
    "svg.hashsalt": "openaisle",
    "text.parse_math": False,  # a dollar sign in a label is a dollar sign
    "font.size": 9.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": INK,
    "grid.alpha": 0.25,
    "legend.frameon": False,
}


def draw(caption: str, paint: Callable[[Axes], None], height: float = 3.2) -> Picture:
    """A picture 6 inches wide, painted on one pair of axes. Raises `MissingExtra` without matplotlib."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("Pictures need matplotlib.", 'Run: pip install "openaisle[train]"') from error
    drawn = io.BytesIO()
    with rc_context(_LOOK), warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Glyph .* missing"
        )  # measured in a font that lacks it, shown in another
        figure = Figure(figsize=(6, height), layout="constrained")
        paint(figure.add_subplot())
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return Picture(caption, drawn.getvalue())


def name_of(text: str) -> str:
    """Text from outside as a label: short, and without what XML cannot hold."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return plain if len(plain) <= _LONGEST_NAME else plain[: _LONGEST_NAME - 1] + "…"
