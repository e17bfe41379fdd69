"""Draws the picture of a product: the shape of its kind in its colour, with the kind's name in both languages below."""

from openaisle.sample.pictures.drawing import picture, shape_names

__all__ = ["picture", "shape_names"]
