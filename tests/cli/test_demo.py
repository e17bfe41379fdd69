from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from openaisle.sample.tour import tour
from openaisle.shop import Shop

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")
    monkeypatch.setenv("SERVE", "0")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a demo, and what it printed."""
    from click.testing import CliRunner

    from openaisle.cli import main as application

    folder = tmp_path_factory.mktemp("shown") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAISLE_ENCODER_NAME", "none")
        first = CliRunner().invoke(application, ["demo", str(folder), "--no-serve"])
    assert first.exit_code == 0, first.output
    return folder, first.stdout


def steps(output: str) -> dict[str, str]:
    """What each command of the tour answered."""
    found = re.findall(r"^\$ openaisle (.*)\n((?:.+\n)*)", output, re.MULTILINE)
    return dict(found)


def test_every_step_has_its_captions_and_its_command(shown: tuple[Path, str]) -> None:
    folder, output = shown
    planned = tour()
    queries = [*planned.stops, *planned.personal, *planned.sponsored]
    captions = [each.caption for each in (*queries, *planned.pages, planned.campaign)]
    for caption in (*captions, planned.shoppers, planned.learning):
        assert f"{caption.en}\n{caption.zh}\n$ openaisle " in output
    assert len(steps(output)) == len(captions) + 2
    assert (folder / "sample" / "feed.jsonl").is_file()


def test_the_commands_show_the_same(shown: tuple[Path, str], run: Run) -> None:
    for command, answer in steps(shown[1]).items():
        again = run(*shlex.split(command)).stdout
        assert "error" not in again
        assert [line for line in answer.splitlines() if line not in again.splitlines()] == [], command


def test_the_same_query_is_answered_by_who_asks(shown: tuple[Path, str]) -> None:
    asked = [answer for command, answer in steps(shown[1]).items() if "--explain" in command]
    unknown, *known = asked
    assert len(known) == 2
    assert "profile" not in unknown
    assert all("profile 0." in answer for answer in known)
    firsts = {re.findall(r"^\d  (\S+)", answer, re.MULTILINE)[0] for answer in asked}
    assert len(firsts) > 1


def test_recommendations_have_reasons(shown: tuple[Path, str]) -> None:
    similar, complementary = (steps(shown[1])[command] for command in steps(shown[1]) if "--placement" in command)
    assert "Often bought with" in similar + complementary
    assert not set(re.findall(r"^\d  (\S+)", similar, re.M)) & set(re.findall(r"^\d  (\S+)", complementary, re.M))


def test_one_result_is_labelled_as_sponsored(shown: tuple[Path, str]) -> None:
    assert shown[1].count("Sponsored · ") == 1
    assert re.search(r"^4  MW-008-3 +Sponsored · ", shown[1], re.MULTILINE)


def test_a_second_run_adds_nothing_and_shows_the_same(shown: tuple[Path, str], run: Run) -> None:
    folder, first = shown
    again = run("demo", folder)
    assert again.exit_code == 0, again.output
    assert again.stdout.splitlines()[2:] == first.splitlines()[2:]
    with Shop.open(folder) as shop:
        assert shop.events.summary().events == len((folder / "sample" / "events.jsonl").read_text("utf-8").splitlines())
        assert [campaign.id for campaign in shop.ads.campaigns.all()] == [tour().campaign.id]


def test_a_demo_that_was_interrupted_is_completed(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "demo"
    with monkeypatch.context() as patch:
        patch.setattr("openaisle.events.log.EventLog.store", interrupted)
        assert run("demo", folder).exit_code != 0
    completed = run("demo", folder)
    assert completed.exit_code == 0, completed.output
    assert "Often bought with" in completed.stdout


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_taken_port_is_told_before_anything_is_shown(tmp_path: Path, run: Run) -> None:
    from openaisle.cli.listening import listen

    with listen("127.0.0.1", 0) as taken:
        result = run("demo", tmp_path / "demo", "--serve", "--port", taken.getsockname()[1])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "is in use" in result.stderr
