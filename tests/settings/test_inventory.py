from __future__ import annotations

from openaisle.settings.inventory import sections, settings


def test_every_setting_says_what_it_means_and_allows() -> None:
    for setting in settings().values():
        assert setting.description.endswith("."), setting.path
        assert setting.allowed, setting.path
        assert (setting.default is None) == (setting.example != ""), setting.path


def test_variables_are_told_apart() -> None:
    variables = [setting.variable for setting in settings().values()]
    assert len(variables) == len(set(variables))
    assert settings()["search.typos.one_from"].variable == "OPENAISLE_SEARCH_TYPOS_ONE_FROM"


def test_sections_are_those_of_the_file() -> None:
    names = [section.name for section in sections()]
    assert names == [
        "shop",
        "store",
        "mapping",
        "encoder",
        "reranker",
        "search",
        "search.weights",
        "search.typos",
        "personalization",
        "ads",
        "server",
        "ingest",
    ]
