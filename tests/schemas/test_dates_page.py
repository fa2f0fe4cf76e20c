"""docs/dates.md: every row of its tables is what the program does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from ruamel.yaml import YAML

from schemas.core.interval import parse_dates
from schemas.date_words import flags
from schemas.facts import shipped

PAGE = Path(__file__).parents[2] / "docs" / "dates.md"


def tables() -> list[tuple[str, dict[str, object], date | None, date | None, str | None]]:
    """Cell, what is declared, earliest, latest and precision of each row of each table."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("| `"):
            continue
        text, *declared, earliest, latest, precision = cells
        options = YAML(typ="safe").load(declared[0].strip("`")) if declared else {}
        ends = [date.fromisoformat(end) if end else None for end in (earliest, latest)]
        found.append((text.strip("`"), options, ends[0], ends[1], precision or None))
    return found


@pytest.mark.parametrize(("text", "declared", "earliest", "latest", "precision"), tables())
def test_reads_what_the_page_says(text, declared, earliest, latest, precision) -> None:
    assert parse_dates(pl.Series([text]), **declared).select("earliest", "latest", "precision").row(0) == (earliest, latest, precision)


def test_shows_every_precision_and_option() -> None:
    rows = tables()
    assert {row[4] for row in rows} == {"day", "month", "year", "ambiguous", "unknown", None}
    assert {key for row in rows for key in row[1]} == {"order", "formats", "pivot", "serials", "calendar", "zone"}


def test_names_every_language_and_flag() -> None:
    page = PAGE.read_text(encoding="utf-8").lower()
    languages = {word for row in shipped("months.csv", "language") for word in row["language"].split(" and ")}
    assert [language for language in languages if language not in page] == []
    spelled = {flag for flag in flags() if set(flag) <= set("aeu")}  # the page shows these by their letters
    assert [flag for flag in flags() if flag not in spelled and f"`{flag}`" not in page] == []


def test_names_every_finding_about_dates() -> None:
    codes = [row["edit"] for row in shipped("reading_edits.csv", "edit") if row["edit"].startswith("NORM-DATE")]
    assert [code for code in codes if code not in PAGE.read_text(encoding="utf-8")] == []
