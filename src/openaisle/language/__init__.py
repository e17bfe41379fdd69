"""Text to terms: normalising, runs of script, segmentation, quantities, model numbers and stemming.

The same terms for queries and products and for every engine. The room also knows what language a text is in, which
terms are model numbers (typo tolerance must leave them alone), and how to show what matched in the original text.
"""

from openaisle.language.analyzer import ANALYSIS_VERSION, Analyzer
from openaisle.language.highlight import highlight
from openaisle.language.lexicon import Lexicon
from openaisle.language.script import Language, is_model_number, language_of
from openaisle.language.tokens import Kind, Token

__all__ = [
    "ANALYSIS_VERSION",
    "Analyzer",
    "Kind",
    "Language",
    "Lexicon",
    "Token",
    "highlight",
    "is_model_number",
    "language_of",
]
