from __future__ import annotations

import re
from pathlib import Path

import pytest

from openaisle.settings import FILE_NAME, Settings, ShopSettings, default_toml, load
from openaisle.settings.inventory import settings


@pytest.mark.parametrize("name", ["Mug", '四季 "精选"', "back\\slash", "two\nlines", "del\x7f", "emoji 🛒"])
def test_a_new_shop_has_its_name_and_the_defaults(tmp_path: Path, name: str) -> None:
    (tmp_path / FILE_NAME).write_text(default_toml(name), encoding="utf-8")
    assert load(tmp_path, {}) == Settings(shop=ShopSettings(name=name))


def test_every_commented_line_can_be_switched_on(tmp_path: Path) -> None:
    switched_on = re.sub(r"^# (\w+ = )", r"\1", default_toml("x"), flags=re.MULTILINE)
    (tmp_path / FILE_NAME).write_text(switched_on, encoding="utf-8")
    loaded = load(tmp_path, {})
    assert loaded.search == Settings().search
    assert loaded.server == Settings().server
    assert loaded.encoder.dimensions == 512


def test_states_every_setting_with_what_it_means_and_allows() -> None:
    template = default_toml("x")
    for setting in settings().values():
        assert f"# {setting.description} ({setting.allowed})" in template
