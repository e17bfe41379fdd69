"""Commerce search with a large model inside, for shops that speak Chinese and English."""

__version__ = "0.1.0"
