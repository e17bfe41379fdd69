from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from openaisle.errors import RecipeError
from openaisle.learning.recipe import recipe_of
from openaisle.learning.tuning import dimensions_of
from openaisle.learning.tuning.space import Choice, FloatRange, IntRange, varied

FOLDER = Path("/recipes")


def stated(space: str, more: str = "") -> dict[str, Any]:
    return tomllib.loads(f'name = "m"\ntask = "match"\n{more}\n[data]\npath = "j.tsv"\n[tune.space]\n{space}')


def test_the_recipe_says_what_kind_of_number_a_key_takes() -> None:
    found = dimensions_of(
        stated(
            '"train.learning_rate" = { low = 1e-5, high = 1e-3, log = true }\n'
            '"train.epochs" = { low = 1, high = 4, step = 1 }\n'
            '"data.negatives" = { low = 0, high = 8, step = 2 }\n'
            '"train.batch_size" = { low = 8, high = 64, log = true }\n'
            '"model.dropout" = { low = 0, high = 0.3 }\n'
            '"train.what" = { choices = ["everything", "lora"] }\n'
            '"train.accumulation" = { choices = [1, 2, 2] }'
        ),
        FOLDER,
    )
    assert found == (
        FloatRange("train.learning_rate", 1e-5, 1e-3, True, None),
        FloatRange("train.epochs", 1.0, 4.0, False, 1.0),
        IntRange("data.negatives", 0, 8, False, 2),
        IntRange("train.batch_size", 8, 64, True, 1),
        FloatRange("model.dropout", 0.0, 0.3, False, None),
        Choice("train.what", ("everything", "lora")),
        Choice("train.accumulation", (1, 2)),
    )


@pytest.mark.parametrize(
    ("space", "said"),
    [
        ('"train.learning_rate" = { low = 1e-5, high = 100 }', "train.learning_rate cannot be 100"),
        ('"train.batch_size" = { low = 0, high = 8 }', "train.batch_size cannot be 0"),
        ('"train.batch_size" = { low = 1.5, high = 8 }', "train.batch_size cannot be 1.5"),
        ('"train.schedule" = { choices = ["linear", "zigzag"] }', 'cannot be "zigzag"'),
        ('"train.lerning_rate" = { low = 1, high = 2 }', "Did you mean train.learning_rate"),
        ('"train.schedule" = { low = 1, high = 2 }', "train.schedule cannot be 1"),
        ('"train.learning_rate" = { low = 1e-3, high = 1e-5 }', "neither a range nor a list"),
        ('"train.learning_rate" = { low = 0.1, high = 1, log = true, step = 0.1 }', "both log and step"),
        ('"train.learning_rate" = { low = 0.1, high = 1, step = 0 }', "step 0 is not above 0"),
        ('"data.negatives" = { low = 0, high = 8, step = 0.5 }', "step 0.5 is not a whole number"),
        ('"train.metric" = { choices = ["ndcg@10", "mrr@10"] }', "would not be comparable"),
        ('"data.train" = { low = 0.1, high = 0.5 }', "would not be comparable"),
        ('"name" = { choices = ["a", "b"] }', "would not be comparable"),
        ('"seed" = { low = 1, high = 9 }', "would not be comparable"),
    ],
)
def test_what_cannot_be_varied_is_refused_with_its_key(space: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        dimensions_of(stated(space), FOLDER)


@pytest.mark.parametrize("more", ["", '[train]\nwhat = "lora"', '[train]\nloss = "cosine"'])
def test_the_usual_space_is_allowed_and_holds_the_usual_values(more: str) -> None:
    said = tomllib.loads(f'name = "m"\ntask = "match"\n[data]\npath = "j.tsv"\n{more}')
    found = {each.key: each for each in dimensions_of(said, FOLDER)}
    few = "lora" in more
    rate = found["train.learning_rate"]
    assert isinstance(rate, FloatRange)
    assert rate.holds(1e-3 if few else 2e-5)
    assert not rate.holds(2e-5 if few else 1e-2)
    assert ("train.temperature" in found) == ("cosine" not in more)
    assert found["train.batch_size"].holds(32)


def test_values_take_the_place_of_what_is_stated_and_nothing_else() -> None:
    said = stated("", 'base = "starter"')
    changed = varied(said, {"train.learning_rate": 0.5, "data.negatives": 2})
    assert "train" not in said
    recipe = recipe_of(changed, FOLDER)
    assert (recipe.train.learning_rate, recipe.data.negatives, recipe.data.path) == (0.5, 2, FOLDER / "j.tsv")


def test_holding_and_describing() -> None:
    grid, some = IntRange("k", 2, 8, False, 3), Choice("k", ("a", 1, True))
    assert [value for value in range(10) if grid.holds(value)] == [2, 5, 8]
    assert not grid.holds(2.5)
    assert grid.describe() == "2 to 8, by 3"
    assert FloatRange("k", 1e-5, 1e-3, True, None).describe() == "1e-05 to 0.001, by logarithm"
    assert some.holds("a")
    assert some.describe() == "a, 1, True"
