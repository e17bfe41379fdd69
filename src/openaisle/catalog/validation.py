"""From a record (product fields by name, as text or as JSON values) to a product, or to what is wrong with it.

Written by hand because every row of a feed passes through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openaisle.catalog.fields import PARSERS
from openaisle.catalog.prices import Money
from openaisle.catalog.problems import Checked, Doubt, Problem, Unfit
from openaisle.catalog.product import Product
from openaisle.errors import InvalidProduct


def check(record: Mapping[str, Any]) -> Checked:
    """Validate a record. Absent, `None` and empty values count as not given."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for name, raw in record.items():
        if raw is None or raw == "":
            continue
        parser = PARSERS.get(name)
        if parser is None:
            problems.append(_unknown(name))
            continue
        try:
            value = parser(raw)
        except Unfit as unfit:
            problems.append(Problem(name, unfit.reason, unfit.mend))
            continue
        if isinstance(value, Doubt):
            warnings.append(Problem(name, value.reason, value.mend))
            value = value.kept
        if value is not None and value != "":
            values[name] = value
    _settle_prices(values, problems, warnings)
    _require(values, problems)
    if problems:
        return Checked(None, tuple(problems), tuple(warnings))
    return Checked(Product(**values), (), tuple(warnings))


def checked_product(record: Mapping[str, Any]) -> Product:
    """The product of one record. Raises `InvalidProduct` naming every problem."""
    checked = check(record)
    if checked.product is None:
        told = "; ".join(f"{problem.field}: {problem.reason}" for problem in checked.problems[:10])
        raise InvalidProduct(f"The product is not valid ({told}).", checked.problems[0].mend)
    return checked.product


def _settle_prices(values: dict[str, Any], problems: list[Problem], warnings: list[Problem]) -> None:
    """Turn `Money` into plain amounts with one currency, that of the price if it says one."""
    price: Money | None = values.get("price")
    sale: Money | None = values.get("sale_price")
    if price is None and sale is None:
        return
    stated = {money.currency for money in (price, sale) if money is not None and money.currency}
    if len(stated) > 1:
        mend = "Give both prices in one currency."
        problems.append(Problem("sale_price", "the sale price is in another currency than the price", mend))
    elif stated:
        values["currency"] = stated.pop()
    if price is not None:
        values["price"] = price.amount
    if sale is not None:
        values["sale_price"] = sale.amount
    if price is not None and sale is not None and sale.amount > price.amount:
        del values["sale_price"]
        reason = f"the sale price {sale.amount:g} is above the price {price.amount:g} and was dropped"
        warnings.append(Problem("sale_price", reason, "Give a sale price that is not above the price."))


def _require(values: Mapping[str, Any], problems: list[Problem]) -> None:
    told = {problem.field for problem in problems}
    if not values.get("id") and "id" not in told:
        problems.append(Problem("id", "the id is missing", "Give every product an id that no other product has."))
    if not values.get("title") and "title" not in told:
        problems.append(Problem("title", "the title is missing", "Give every product a title."))


def _unknown(name: str) -> Problem:
    mend = 'Correct the name, or put the value under "attributes".'
    return Problem(str(name)[:60], "no product field has this name", mend)
