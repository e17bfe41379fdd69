"""A report for people: in the terminal, as Markdown, as one HTML file."""

from openaisle.evaluation.render.html import as_html
from openaisle.evaluation.render.markdown import as_markdown
from openaisle.evaluation.render.terminal import as_table

__all__ = ["as_html", "as_markdown", "as_table"]
