"""What two releases were made from, and what became of the rows: files, configuration, code, day, and the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from warehouse.differing.sides import AFTER, BEFORE, SIDES, Side

PLACE = ("contract", "stage", "unit", "fate", "reason")
LEDGER = {"reason": pl.String, "n": pl.Int64}
GOES_ON = "goes_on"


def inputs(sides: Mapping[str, Side]) -> list[str]:
    """One line per input that differs; empty where both were made from the same."""
    return [*_files(sides), *_project(sides), *_versions(sides)]


def ledger(sides: Mapping[str, Side]) -> pl.DataFrame:
    """One row per contract, stage, unit, fate and reason whose number of units differs, the greatest difference first.

    By contract, since a file may have another name every night; what matched none stands under its own name.
    """
    before, after = (_counted(sides[name], name) for name in SIDES)
    both = before.join(after, on=PLACE, how="full", coalesce=True).with_columns(pl.col(SIDES).fill_null(0))
    changed = both.filter(pl.col(BEFORE) != pl.col(AFTER))
    return changed.sort((pl.col(AFTER) - pl.col(BEFORE)).abs(), *PLACE, descending=[True, *[False] * len(PLACE)])


def _counted(one: Side, name: str) -> pl.DataFrame:
    contracts = {file["name"]: file["contract"] for file in one.run["inputs"]["landed"]}
    lines = one.table(one.path / "ledger.csv", infer_schema=True, schema_overrides=LEDGER, empty_string_is_null=False)
    named = lines.with_columns(pl.col("source_file").replace(contracts).alias("contract"), pl.col("reason").fill_null(""))
    return named.group_by(PLACE).agg(pl.col("n").sum().alias(name))


def _files(sides: Mapping[str, Side]) -> Iterator[str]:
    before, after = ({file["name"]: file for file in sides[name].run["inputs"]["landed"]} for name in SIDES)
    old = {file["sha256"]: file["name"] for file in before.values()}
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if now is None:
            yield f"file gone: {name}"
        elif was is None:
            same = old.get(now["sha256"])
            yield f"file new: {name}" + (f" (the same bytes as {same} before)" if same else "")
        elif was["sha256"] != now["sha256"]:
            yield f"file changed: {name}"
        if now is not None and now["fate"] != GOES_ON and (was is None or was["fate"] != now["fate"]):
            yield f"file {now['fate'].replace('_', ' ')}: {name}"


def _project(sides: Mapping[str, Side]) -> Iterator[str]:
    before, after = (sides[name].run["inputs"].get("project", {}) for name in SIDES)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield f"configuration {'new' if name not in before else 'gone' if name not in after else 'changed'}: {name}"


def _versions(sides: Mapping[str, Side]) -> Iterator[str]:
    before, after = (sides[name].run for name in SIDES)
    for name in sorted({*before["versions"], *after["versions"]}):
        was, now = before["versions"].get(name, "none"), after["versions"].get(name, "none")
        if was != now:
            yield f"version of {name}: {was} -> {now}"
    if before["as_of"] != after["as_of"]:
        yield f"as-of date: {before['as_of']} -> {after['as_of']}"
