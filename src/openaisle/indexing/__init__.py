"""Keeps an engine in step with catalogue and model: products into documents, the change feed into incremental writes,
and whole new generations beside the live one."""
