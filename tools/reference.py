"""Writes docs/reference/ from the commands, the settings and the errors themselves: `python tools/reference.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from openaisle import errors
from openaisle.cli import main as application
from openaisle.learning.recipe.inventory import Key, tables
from openaisle.settings.inventory import MAPPING, Section, Setting, sections
from openaisle.settings.template import toml_value

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
_MADE = "<!-- Made by tools/reference.py; edit the source it is made from. -->"

_COMMAND_LINE_ERRORS = (
    (
        "CallError",
        "The call is not valid",
        2,
        "An option, argument or command that there is not, or a value of the wrong kind.",
    ),
    ("Interrupted", "The command was interrupted", 1, "Ctrl-C, or a signal that means the same."),
    ("SystemError", "The system refused", 1, "A file that cannot be read or written."),
    ("InternalError", "OpenAisle met a fault of its own", 1, "A fault of the program; please report it."),
)


def pages() -> dict[str, str]:
    """The text of every page by file name."""
    return {
        "index.md": _index(),
        "cli.md": "\n".join(_cli()),
        "settings.md": "\n".join(_settings()),
        "recipe.md": "\n".join(_recipe()),
        "errors.md": "\n".join(_errors()),
    }


def _index() -> str:
    return f"""{_MADE}
# Reference

- [Commands](cli.md): every command with its options.
- [HTTP](http.md): every address with what it takes and gives.
- [Settings](settings.md): every key of `openaisle.toml` and its environment variable.
- [Recipes](recipe.md): every key of a recipe that `openaisle train` and `openaisle tune` take.
- [Errors](errors.md): every error, its exit status and its HTTP status.
"""


def _cli() -> Iterator[str]:
    yield f"{_MADE}\n# Commands\n"
    yield _prose(application.help)
    yield (
        "With `--json` a command prints one JSON object on standard output and nothing else there; progress and "
        "remarks go to standard error. An error is one line that says what is wrong and what to do; with `--json` it "
        'is `{"error": {"type", "title", "detail", "mend"}}`, see [Errors](errors.md).\n'
    )
    for path, command in commands(application):
        yield from _command(path, command)


def commands(group: click.Group, prefix: str = "openaisle") -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, groups before their commands."""
    for name, command in group.commands.items():
        path = f"{prefix} {name}"
        yield path, command
        if isinstance(command, click.Group):
            yield from commands(command, path)


def _command(path: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"## {path}\n"
    yield f"```text\n{path} {usage}\n```\n"
    yield _prose(command.help)
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    if options:
        yield "| Option | Default | Meaning |\n| --- | --- | --- |"
        yield "\n".join(_option(option, context) for option in options) + "\n"


def _option(option: click.Option, context: click.Context) -> str:
    names = " / ".join(", ".join(group) for group in (option.opts, option.secondary_opts) if group)
    value = "" if option.is_flag else " " + option.make_metavar(context)
    default = option.to_info_dict()["default"] if option.show_default else None
    return f"| {_code(names + value)} | {_shown_default(option, default)} | {_cell(option.help or '')} |"


def _shown_default(option: click.Option, default: object) -> str:
    if default is None:
        return ""
    if option.is_flag and option.secondary_opts:
        return _code(option.opts[0] if default else option.secondary_opts[0])
    return _code(", ".join(map(str, default)) if isinstance(default, list | tuple) else str(default))


def _prose(text: str | None) -> str:
    """A command's help as Markdown: paragraphs, and click's preformatted blocks as code."""
    blocks = []
    for block in re.split(r"\n\s*\n", (text or "").strip()):
        if block.lstrip().startswith("\b"):
            lines = [line.strip() for line in block.strip().lstrip("\b").splitlines() if line.strip()]
            blocks.append("```text\n" + "\n".join(lines) + "\n```")
        else:
            blocks.append(" ".join(block.split()))
    return "\n\n".join(blocks) + "\n"


def _settings() -> Iterator[str]:
    yield f"{_MADE}\n# Settings\n"
    yield (
        "Settings stand in `openaisle.toml` in the shop's folder. An environment variable overrides the file; "
        "in it, a list is written with commas. An unknown key is an error, as is a value that is not allowed.\n"
    )
    for section in sections():
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    yield f"## `[{section.name}]`\n"
    yield section.description + "\n"
    if section.name == MAPPING:
        yield '```toml\n[mapping]\n"Product name" = "title"\n```\n'
        return
    yield "| Key | Default | Allowed | Meaning | Environment variable |\n| --- | --- | --- | --- | --- |"
    yield "\n".join(map(_setting, section.settings)) + "\n"


def _setting(setting: Setting) -> str:
    default = "not set" if setting.default is None else _code(toml_value(setting.default))
    cells = (_code(setting.key), default, _cell(setting.allowed), _cell(setting.description), _code(setting.variable))
    return f"| {' | '.join(cells)} |"


def _recipe() -> Iterator[str]:
    yield f"{_MADE}\n# Recipes\n"
    yield (
        "A recipe is a TOML file that says what is trained, on what and how: see [Fine-tuning](../fine-tuning.md). "
        "Only `name` and `task` must stand in it; paths are relative to the recipe. An unknown key is an error.\n"
    )
    for table in tables():
        yield f"## `[{table.name}]`\n" if table.name else "## Above all tables\n"
        yield " ".join(table.description.split()) + "\n"
        if table.keys:
            yield "| Key | Default | Allowed | Meaning |\n| --- | --- | --- | --- |"
            yield "\n".join(map(_recipe_key, table.keys)) + "\n"


def _recipe_key(key: Key) -> str:
    default = "required" if key.required else "not set" if key.default is None else _code(_toml(key.default))
    return f"| {_code(key.path.rpartition('.')[2])} | {default} | {_cell(key.allowed)} | {_cell(key.description)} |"


def _toml(value: object) -> str:
    return "{}" if value == {} else toml_value(value)


def _errors() -> Iterator[str]:
    yield f"{_MADE}\n# Errors\n"
    yield (
        "Every error says in `detail` what happened and in `mend` what to do; `type` and `title` are stable. The "
        "command line ends with the exit status; HTTP answers with the HTTP status and `application/problem+json`.\n"
    )
    yield "| Type | Title | Exit status | HTTP status | Meaning |\n| --- | --- | --- | --- | --- |"
    for kind in error_types():
        cells = (_code(kind.__name__), _cell(kind.title), str(kind.exit_status), str(kind.http_status), _meaning(kind))
        yield f"| {' | '.join(cells)} |"
    yield "\nOn the command line only:\n"
    yield "| Type | Title | Exit status | Meaning |\n| --- | --- | --- | --- |"
    for name, title, status, meaning in _COMMAND_LINE_ERRORS:
        yield f"| {_code(name)} | {title} | {status} | {meaning} |"
    yield ""


def error_types() -> list[type[errors.OpenAisleError]]:
    """Every error a user can meet, in the order in which they are defined."""
    found = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.OpenAisleError)
    ]
    return [kind for kind in found if kind is not errors.OpenAisleError]


def _meaning(kind: type[errors.OpenAisleError]) -> str:
    return _cell(" ".join((kind.__doc__ or "").split()))


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
