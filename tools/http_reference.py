"""Writes docs/reference/http.md from the API's own description: `python tools/http_reference.py`."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

from openaisle.server.app import create_app
from openaisle.server.problems import MEDIA_TYPE
from openaisle.shop import Shop

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "http.md"
_MADE = "<!-- Made by tools/http_reference.py; edit the source it is made from. -->"
_METHODS = ("get", "post", "put", "patch", "delete")


def description() -> dict[str, Any]:
    """The API as an OpenAPI document."""
    with (
        patch.dict(os.environ, {"OPENAISLE_ENCODER_NAME": "none"}),
        tempfile.TemporaryDirectory() as folder,
        Shop.create(Path(folder) / "shop") as shop,
    ):
        return create_app(shop).openapi()


def page() -> str:
    """The text of the page."""
    return "\n".join(_page(description()))


def _page(document: Mapping[str, Any]) -> Iterator[str]:
    schemas = document["components"]["schemas"]
    yield f"{_MADE}\n# HTTP reference\n"
    yield (
        "A running service gives the same as OpenAPI at `/openapi.json`, and to try out at `/docs`. "
        "How to use it is told in [HTTP](../http.md).\n"
    )
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield from _operation(f"{method.upper()} {path}", item[method], schemas)
    yield "## Bodies\n"
    for name, schema in sorted(schemas.items()):
        yield from _schema(name, schema)


def _operation(heading: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {heading}\n"
    yield f"{operation['summary']}. {operation.get('description', '')}".strip() + "\n"
    if parameters := operation.get("parameters"):
        yield "| Parameter | In | Type | Default | Meaning |\n| --- | --- | --- | --- | --- |"
        yield "\n".join(map(_parameter, parameters)) + "\n"
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"Body, `{kind}`: {_type(content['schema'])}\n"
        yield from _example(content, schemas)
    answers = operation["responses"].items()
    for status, answer in answers:
        if not _is_problem(answer):
            yield _answer(status, answer) + "\n"
    problems = "; ".join(f"{status}: {_meaning(answer)}" for status, answer in answers if _is_problem(answer))
    if problems:
        yield f"Or a [Problem](#problem): {problems}.\n"


def _parameter(parameter: Mapping[str, Any]) -> str:
    schema = parameter["schema"]
    default = _code(json.dumps(schema["default"])) if schema.get("default") is not None else ""
    meaning = parameter.get("description", "")
    return f"| `{parameter['name']}` | {parameter['in']} | {_cell(_type(schema))} | {default} | {_cell(meaning)} |"


def _answer(status: str, answer: Mapping[str, Any]) -> str:
    content = answer.get("content", {})
    body = ", ".join(f"`{kind}` {_type(each.get('schema', {}))}".strip() for kind, each in content.items())
    told = [] if answer["description"] == "Successful Response" else [answer["description"].rstrip(".")]
    return f"Answer {status}: {', '.join([*told, body or 'no body'])}"


def _is_problem(answer: Mapping[str, Any]) -> bool:
    return MEDIA_TYPE in answer.get("content", {})


def _meaning(answer: Mapping[str, Any]) -> str:
    text = str(answer["description"]).rstrip(".")
    return text[0].lower() + text[1:]


def _example(content: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    examples = [each["value"] for each in content.get("examples", {}).values()]
    examples += schemas.get(_referred(content["schema"]), {}).get("examples", [])
    if examples:
        yield f"```json\n{json.dumps(examples[0], ensure_ascii=False, indent=2)}\n```\n"


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {name}\n"
    if text := schema.get("description"):
        yield f"{text}\n"
    if "enum" in schema:
        yield f"One of {', '.join(map(_code, schema['enum']))}.\n"
        return
    required = set(schema.get("required", ()))
    yield "| Member | Type | Meaning |\n| --- | --- | --- |"
    for member, part in schema.get("properties", {}).items():
        told = " ".join(filter(None, ("Required." if member in required else "", part.get("description", ""))))
        yield f"| `{member}` | {_cell(_type(part))} | {_cell(told)} |"
    yield ""


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in a few words."""
    if name := _referred(schema):
        return f"[{name}](#{name.lower()})"
    if options := schema.get("anyOf"):
        return " or ".join(_type(option) for option in options)
    if "enum" in schema:
        return ", ".join(map(_code, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if isinstance(values := schema.get("additionalProperties"), Mapping):
        return f"object of {_type(values)}"
    return str(schema.get("type", "")) + _bounds(schema)


def _bounds(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None and high is None:
        return ""
    lowest = "" if low is None else f" from {low:,}"
    return lowest + ("" if high is None else f" to {high:,}")


def _referred(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _code(text: Any) -> str:
    return f"`{text}`"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
