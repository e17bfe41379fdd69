from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openaisle.catalog.product import Product
from openaisle.catalog.validation import checked_product
from openaisle.evaluation.judgments import read_judgments
from openaisle.learning.data import read_data_set
from openaisle.sample.generate import products
from openaisle.settings.editing import set_value
from openaisle.shop import Shop

Run = Callable[..., Any]
COLOURS = ("red", "blue", "green", "black", "white")
KINDS = ("mug", "lamp", "chair", "kettle", "towel", "bottle")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small shop that searches by words alone."""
    folder = tmp_path_factory.mktemp("data") / "shop"
    Shop.create(folder).close()
    set_value(folder, "encoder", "name", "none")
    with Shop.open(folder) as opened:
        opened.reindex()
        opened.upsert(Product(f"{c}-{k}", {"en": f"{c} {k}"}, category=(k,)) for c in COLOURS for k in KINDS)
    return folder


@pytest.fixture
def recipe(tmp_path: Path) -> Callable[..., Path]:
    """Writes a recipe and the file that it reads."""

    def write(task: str, source: str, content: str, **keys: str) -> Path:
        (tmp_path / "data.tsv").write_text(content, encoding="utf-8")
        stated = "".join(f"{key} = {value}\n" for key, value in keys.items())
        path = tmp_path / "recipe.toml"
        path.write_text(
            f'name = "shop-encoder"\ntask = "{task}"\n[data]\nsource = "{source}"\npath = "data.tsv"\n{stated}',
            encoding="utf-8",
        )
        return path

    return write


def _judgments() -> str:
    rows = [f"{c} {k} number {n}\t{c}-{k}\t{n % 3}\n" for c in COLOURS for k in KINDS for n in range(4)]
    return "query\tproduct_id\tgain\n" + "".join(rows)


def test_check_tells_what_is_wrong(shop: Path, recipe, run: Run, run_json: Run) -> None:
    rows = "".join(f"text number {number}\t{('good', 'bad')[number % 2]}\n" for number in range(300))
    fine = recipe("classify", "labelled", f"text\tlabel\n{rows}")
    told = run_json("data", "check", shop, fine)
    assert told["ok"] is True
    assert told["kind"] == "Labelled"
    assert sum(told["examples"].values()) == 300
    one = recipe("classify", "labelled", "text\tlabel\nmug\ta\nlamp\ta\nchair\ta\n")
    told = run_json("data", "check", shop, one, status=1)
    assert "one_class" in [finding["kind"] for finding in told["findings"] if finding["level"] == "error"]
    result = run("data", "check", shop, one)
    assert result.exit_code == 1
    assert "All examples to learn from are of one class." in result.stdout
    assert "Mend the errors before training." in result.stdout


def test_a_broken_file_and_a_broken_recipe(shop: Path, recipe, run_json: Run, tmp_path: Path) -> None:
    broken = recipe("classify", "labelled", "text\tlabel\nmug\n")
    error = run_json("data", "check", shop, broken, status=2)["error"]
    assert (error["type"], "line 2" in error["detail"]) == ("DataError", True)
    assert run_json("data", "check", tmp_path / "absent", broken, status=2)["error"]["type"] == "ShopNotFound"
    wrong = recipe("classify", "labelled", "text\tlabel\n", negative="4")
    assert run_json("data", "check", shop, wrong, status=2)["error"]["type"] == "RecipeError"


def test_build_writes_a_data_set_with_negatives_by_words(
    shop: Path, recipe, run: Run, run_json: Run, tmp_path: Path
) -> None:
    path = recipe("match", "judgments", _judgments(), negatives="2")
    out = tmp_path / "made"
    told = run_json("data", "build", shop, path, "--out", out)
    data = read_data_set(out)
    assert told["digest"] == data.digest
    assert told["examples"] == {"train": len(data.train), "validation": len(data.validation), "test": len(data.test)}
    assert all(len(example.candidates) == 3 for example in data.train)
    assert all(len(example.candidates) == 1 for example in data.test)
    again = run("data", "build", shop, path, "--out", tmp_path / "again")
    assert again.exit_code == 0
    assert data.digest in again.stdout


def test_build_from_a_csv_of_clicks(shop: Path, recipe, run_json: Run, tmp_path: Path) -> None:
    clicks = "query,product_id,clicks\n" + "".join(f"{c} {k},{c}-{k},{len(c)}\n" for c in COLOURS for k in KINDS)
    told = run_json("data", "build", shop, recipe("match", "clicks", clicks), "--out", tmp_path / "made")
    assert told["kind"] == "JudgedQuery"


def test_a_writer_needs_its_model(shop: Path, recipe, run: Run, tmp_path: Path) -> None:
    path = recipe("match", "judgments", _judgments())
    result = run("data", "build", shop, path, "--out", tmp_path / "made", "--writer", "http://127.0.0.1:9/v1")
    assert result.exit_code == 2
    assert "--writer-model" in result.stderr


def test_labelling_needs_a_model(shop: Path, recipe, run_json: Run, tmp_path: Path) -> None:
    path = recipe("match", "judgments", _judgments())
    error = run_json("data", "label", "export", shop, path, "--out", tmp_path / "s.csv", status=2)["error"]
    assert "needs a model" in error["detail"]


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with a few products of the sample store and the starter model."""
    pytest.importorskip("openaisle_starter")
    folder = tmp_path_factory.mktemp("data") / "shop"
    with Shop.create(folder) as made:
        made.upsert(checked_product(product) for product, _ in zip(products(), range(60), strict=False))
    return folder


def _fill(path: Path, value: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    column = list(rows[0])[-1]
    for row in rows:
        row[column] = value
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return rows


def test_pairs_go_to_annotators_and_come_back(modelled: Path, recipe, run: Run, run_json: Run, tmp_path: Path) -> None:
    id_ = next(iter(products()))["id"]
    path = recipe("match", "judgments", f"query\tproduct_id\tgain\nred mug\t{id_}\t1\n咖啡杯\t{id_}\t2\n")
    sheet = tmp_path / "sheet.csv"
    told = run_json("data", "label", "export", modelled, path, "-n", 5, "--out", sheet)
    assert told["items"] == 5 < told["of"]
    rows = _fill(sheet, "2")
    assert all(row["query"] in ("red mug", "咖啡杯") and row["product_id"] != id_ for row in rows)
    added = run_json("data", "label", "import", modelled, path, sheet)
    assert (added["added"], added["changed"], added["total"]) == (5, 0, 7)
    gains = read_judgments(tmp_path / "data.tsv").gains
    assert gains["red mug"][id_] == 1
    assert all(gains[row["query"]][row["product_id"]] == 2 for row in rows)
    result = run("data", "label", "export", modelled, path, "-n", 5, "--out", sheet)
    assert "openaisle data label import" in result.stdout


def test_texts_go_to_annotators_and_come_back(modelled: Path, recipe, run_json: Run, tmp_path: Path) -> None:
    path = recipe("classify", "labelled", "text,label\nwhere is my parcel,delivery\nmoney back please,refund\n")
    (tmp_path / "new.txt").write_text("is it here soon\nI want a refund\nwhere is my parcel\n退款\n", encoding="utf-8")
    sheet = tmp_path / "sheet.csv"
    told = run_json("data", "label", "export", modelled, path, "-n", 2, "--from", tmp_path / "new.txt", "--out", sheet)
    assert (told["items"], told["of"]) == (2, 3)
    _fill(sheet, "refund")
    assert run_json("data", "label", "import", modelled, path, sheet)["total"] == 4


def test_labels_for_data_that_take_none(modelled: Path, recipe, run_json: Run, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text("text,label\na,b\n")
    path = recipe("match", "pairs", "query\tproduct_id\na\tb\n")
    error = run_json("data", "label", "import", modelled, path, tmp_path / "sheet.csv", status=2)["error"]
    assert "cannot be added" in error["detail"]
    nothing = recipe("classify", "labelled", "text\tlabel\na\tb\nc\td\n")
    error = run_json("data", "label", "export", modelled, nothing, "--out", tmp_path / "s.csv", status=2)["error"]
    assert "nothing to choose from" in error["detail"]
