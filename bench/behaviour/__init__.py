"""Measurements of what shoppers do and what is made of it: one file a topic, each with seeds and a printed table."""
