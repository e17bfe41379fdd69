"""Feeds: how product rows are read from files, one module a format, all streaming and bounded in memory.

A reader turns an open `FeedStream` into `Row`s (named values, as the file has them) and `BadRow`s (what could not be
read, and why). It knows the format and nothing of products; meaning is given by `catalog.mapping`.
"""
