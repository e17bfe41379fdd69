"""Queries made up from the catalogue, for shops without queries: spans of titles, templates over brand, kind and
attributes in Chinese and English, or a language model where one is configured.
"""
