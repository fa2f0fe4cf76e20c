"""What the documentation says is so: commands, targets, files and printed output exist as written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from rich.console import Console

from etl.bundled import bundled
from etl.cli import app
from etl.explaining import explain_number
from etl.options import RunOptions
from etl.outcome import Outcome
from etl.pipeline import run
from etl.progress import Progress
from etl.summary import show

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NUMBER = "metastasectomy.table_1.stage_iiia.n.metastasectomy"


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(page: str) -> list[str]:
    return re.findall(r"```text\n(.*?)```", page, re.DOTALL)


def without_names(said: str) -> str:
    """Output with what differs from version to version (run ids, pseudonym-free keys stay) replaced."""
    return re.sub(r"\b[0-9a-f]{12}\b", "<run_id>", said)


@pytest.mark.parametrize("command", sorted(c.name or c.callback.__name__ for c in app.registered_commands if c.callback))
def test_every_command_is_documented(command: str) -> None:
    assert any(f"oncomart {command}" in text(page) for page in PAGES)


def test_every_option_is_documented() -> None:
    said = " ".join(map(text, PAGES))
    options = [option for command in typer.main.get_group(app).commands.values() for option in command.params]
    spelt = [option.opts for option in options if option.opts[0].startswith("-") and "--help" not in option.opts]
    assert [ways for ways in spelt if not any(re.search(rf"(?<![\w-]){way}(?![\w-])", said) for way in ways)] == []


def test_every_target_of_the_makefile_is_explained_by_help() -> None:
    targets = set(re.findall(r"^\.PHONY: (.*)$", text(ROOT / "Makefile"), re.MULTILINE)[0].split())
    explained = set(re.findall(r"^([a-z-]+):.*## ", text(ROOT / "Makefile"), re.MULTILINE))
    assert targets == explained


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_and_link_named_in_a_page_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)\b(?= *[#`\n]| [A-Z]+=)", text(page))) <= targets
    for link, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", text(page)):
        target = page.parent / link if link else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), f"{link}#{anchor}"


def anchors(page: Path) -> set[str]:
    """Of every heading what a link to it says after the `#`, as GitHub makes it."""
    heads = re.findall(r"^#+ (.*)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_readme_shows_what_make_pipeline_says(bundled_alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [described(folder, bundled_alone / folder.name) for folder in bundled()]
    progress = Progress()
    progress.console = Console(highlight=False, soft_wrap=True, width=200)
    show(outcomes, progress)
    said = without_names(capsys.readouterr().out).replace(str(bundled_alone), "out").strip()
    assert without_names(blocks(text(ROOT / "README.md"))[0]).strip() == said


def described(folder: Path, out: Path) -> Outcome:
    """The outcome of a run that published, read back from its release (the run itself now says `unchanged`)."""
    import dataclasses
    import json

    import polars as pl

    outcome = run(folder, out, RunOptions(), Progress(quiet=True))
    assert outcome.place is not None
    rows = json.loads(text(outcome.place / "run.json"))["rows"]
    found = pl.read_csv(outcome.place / "internal" / "findings.csv").group_by("severity").len()
    return dataclasses.replace(outcome, outcome="published", rows=rows, findings=dict(found.iter_rows()))


def test_the_readme_shows_what_explain_says(bundled_out: Path) -> None:
    said = explain_number(bundled_out / "published", NUMBER)
    shown = blocks(text(ROOT / "README.md"))[1].rstrip().removesuffix("…").rstrip()
    assert said.startswith(shown)


def test_the_changelog_has_the_version_of_the_package() -> None:
    version = re.search(r'^version = "(.*)"', text(ROOT / "pyproject.toml"), re.MULTILINE)
    assert version is not None
    assert f"## {version[1]}" in text(ROOT / "CHANGELOG.md")


def test_no_tracked_file_names_a_registry_host_or_a_home_folder() -> None:
    for name in ("requirements.txt", "pyproject.toml", "Makefile", ".ci/run"):
        assert not re.search(r"https?://|/home/|/root/", text(ROOT / name)), name
