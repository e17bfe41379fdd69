from __future__ import annotations

from openaisle.sample import wording
from openaisle.sample.source import Brand, Kind, Model, Pair, Store

BRAND = Brand(Pair("Lumora", "露沐"), "LM")


def model(english: str, chinese: str, **rest: object) -> Model:
    return Model(1, BRAND, Pair(english, chinese), Pair("Said.", "说了。"), 10, **rest)  # type: ignore[arg-type]


def test_a_text_without_a_bar_is_the_same_in_both_languages() -> None:
    assert wording.both("USB-C") == ("USB-C", "USB-C")
    assert wording.both("steel|钢") == ("steel", "钢")


def test_numbers_are_spoken_with_the_unit_of_their_key(store: Store) -> None:
    assert wording.spoken("capacity_ml", 350, store.colours) == ("350 ml", "350ml")
    assert wording.spoken("weight_kg", 1.50, store.colours) == ("1.5 kg", "1.5kg")
    assert wording.spoken("battery_hours", 20, store.colours) == ("20 hours", "20小时")
    assert wording.spoken("storage_gb", 512, store.colours) == ("512 GB", "512GB")
    assert wording.spoken("storage_gb", 2048, store.colours) == ("2 TB", "2TB")
    assert wording.spoken("ports", 4, store.colours) == ("4", "4")
    assert wording.spoken("capacity_ml", 1500, store.colours) == ("1.5 L", "1.5L")
    assert wording.spoken("weight_g", 1280, store.colours) == ("1.28 kg", "1.28kg")
    assert wording.spoken("warranty_years", 1, store.colours) == ("1 year", "1年")
    assert wording.spoken("battery_mah", 20000, store.colours) == ("20,000 mAh", "20000mAh")
    assert wording.spoken("age_from_years", 3, store.colours) == ("3 years", "3岁")


def test_lists_and_colours_are_spoken_as_words(store: Store) -> None:
    assert wording.spoken("material", ["cotton|棉", "silk|丝"], store.colours) == ("cotton and silk", "棉和丝")
    three = wording.spoken("features", ["fast|快", "soft|软", "GPS"], store.colours)
    assert three == ("fast, soft and GPS", "快、软和GPS")
    assert wording.spoken("colour", "navy", store.colours) == ("navy", "藏青色")


def test_a_title_takes_brand_and_options_where_it_asks_for_them(store: Store) -> None:
    article = model("{b} Mug in {colour}, {capacity_ml}", "{b}马克杯 {colour} {capacity_ml}")
    told = wording.title(article, {"colour": "sky", "capacity_ml": 350}, store.colours)
    assert told == ("Lumora Mug in Sky Blue, 350 ml", "露沐马克杯 天蓝色 350ml")


def test_a_title_can_ask_for_the_number_alone(store: Store) -> None:
    told = wording.title(model("{b} Bowls, Set of {n_pieces}", "{b}碗 {n_pieces}只装"), {"pieces": 4}, store.colours)
    assert told == ("Lumora Bowls, Set of 4", "露沐碗 4只装")


def test_options_that_a_title_does_not_name_are_appended(store: Store) -> None:
    told = wording.title(model("{b} Tee", "{b}T恤"), {"colour": "navy", "size": "L"}, store.colours)
    assert told == ("Lumora Tee – Navy, L", "露沐T恤 藏青色 L")


def test_a_description_is_what_the_model_says_then_the_kind_then_attributes(store: Store) -> None:
    article = model("{b} Mug", "{b}杯")
    about = (Pair("One.", "一。"), Pair("Two.", "二。"), Pair("Three.", "三。"))
    kind = Kind("mug", 1, Pair("mug", "杯"), Pair("A", "甲"), "mug", about, (article,), {})
    told = wording.description(kind, article, {"capacity_ml": 350}, store)
    assert told.en.startswith("Said. One. Two. ")
    assert told.zh.startswith("说了。一。二。")
    assert "350 ml" in told.en
    assert "350ml" in told.zh


def test_a_model_can_speak_instead_of_its_kind(store: Store) -> None:
    article = model("{b} Mug", "{b}杯", about=())
    kind = Kind("mug", 1, Pair("mug", "杯"), Pair("A", "甲"), "mug", (Pair("One.", "一。"),), (article,), {})
    assert wording.description(kind, article, {}, store) == ("Said.", "说了。")


def test_a_yes_and_a_no_are_told_differently(store: Store) -> None:
    article = model("{b} Mug", "{b}杯", about=())
    kind = Kind("mug", 1, Pair("mug", "杯"), Pair("A", "甲"), "mug", (), (article,), {})
    yes = wording.description(kind, article, {"machine_washable": True}, store)
    no = wording.description(kind, article, {"machine_washable": False}, store)
    assert "可" in yes.zh
    assert yes != no
