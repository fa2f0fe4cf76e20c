"""The generated page docs/expectations.md: what is expected of a load, with its limits (written by validations/pages.py)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from schemas.items import items
from validations.expecting.rules import entries
from validations.markdown import table
from validations.report.tables_view import TABLE_WORDS

TEXT = "page.md"
HEADER = ("name", "of", "what is expected", "not met, for example", "critical", "reason")
# What stands for the star in the rows about all edits, all sources and all older releases.
BESIDE = {
    "edits": ("every edit", "[An edit that fell silent](#an-edit-that-fell-silent)"),
    "sources": ("every source", "[Source by source](#source-by-source)"),
    "anchor": ("all that compares", "[Small steps](#small-steps)"),
}
# An example is of so many rows.
ROWS = 1000


def expectation_page() -> str:
    """Text of docs/expectations.md: the guide as it is written, with one line per hand-kept expectation in the place of `{table}`."""
    guide = files("validations.expecting").joinpath(TEXT).read_text(encoding="utf-8")
    return guide.replace("{table}\n\n", "\n".join([*table(HEADER, map(_row, entries())), ""]))


def _row(entry: Mapping[str, Any]) -> tuple[str, ...]:
    of, (expected, example) = _subject(entry), _said(entry)
    return f"`{entry['name']}`", of, expected, example, "stops the publish" if entry.get("critical") else "", entry["reason"]


def _subject(entry: Mapping[str, Any]) -> str:
    if entry["table"] in BESIDE:
        return BESIDE[entry["table"]][0]
    if not entry.get("column"):
        return f"{TABLE_WORDS[entry['table']]} (`{entry['table']}`)"
    label = next(item.label for item in items(entry["table"], "star") if item.column == entry["column"])
    of = f" where `{entry['of']}`" if entry.get("of") else ""
    return f"{label} (`{entry['table']}.{entry['column']}`{of})"


def _said(entry: Mapping[str, Any]) -> tuple[str, str]:
    """What is expected, and counts that miss it by one row or one point: both follow from the limits, so neither can be out of date."""
    few = f", from {entry['few']:,} rows on" if entry.get("few") else ""
    match entry["kind"]:
        case "rows":
            return f"at least {entry['min']:,} row", f"{entry['min'] - 1:,} rows"
        case "rows_against_previous":
            return f"{_bounds(entry)} of the rows of the last good release{few}", f"{ROWS:,} rows then, {_missed(entry):,} now"
        case "known" | "share":
            what = entry.get("means", "known, of the rows it concerns")
            return f"{what}: {_bounds(entry)}", f"{_missed(entry)} of {ROWS:,}"
        case "fresh":
            span = f"at most {entry['max']} days before the as-of date"
            return f"{_percent(entry['min'])} of the dates or more are {span}", f"{_missed(entry)} of {ROWS:,} are"
        case "drift":
            moved = f"one code in 30 % of the rows then, in {31 + 100 * entry['max']:g} % now"
            return f"the shares of its codes move by at most {_percent(entry['max'])} since the last good release{few}", moved
        case _:
            return BESIDE[entry["table"]][1], "see there"


def _bounds(entry: Mapping[str, Any]) -> str:
    return " and ".join(f"{word} {_percent(entry[key])}" for key, word in (("min", "at least"), ("max", "at most")) if key in entry)


def _missed(entry: Mapping[str, Any]) -> int:
    """Of so many ROWS the first number that misses the limit."""
    is_least = "min" in entry
    limit = float(entry["min" if is_least else "max"])
    return round(ROWS * limit) + (-1 if is_least else 1)


def _percent(share: float) -> str:
    return f"{100 * share:g} %"
