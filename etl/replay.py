"""`oncomart replay`: the quarantine judged again under today's contracts, corrections and over-rides (DESIGN 8).

The whole line runs on the landed files of the current release, so a replay publishes what a run of the same delivery would.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
from sqlglot import exp

from etl.erase.every_run import landed_again
from etl.options import RunOptions
from etl.outcome import UNCHANGED, Outcome
from etl.pipeline import run
from etl.progress import Progress
from schemas import items
from schemas.project import load_project
from warehouse import ddl
from warehouse.audit import LOADED
from warehouse.build import OFFLINE
from warehouse.publish import RELEASES, current, nothing_published
from warehouse.runs import stored_run

NAMES = ["record", "record_key"]
WORDS = ("before", "released", "still", "gone", "newly")
# One row per edit that was the reason of a record in quarantine before or is it now.
TOLD: dict[str, type[pl.DataType]] = {"edit": pl.String, **dict.fromkeys(WORDS, pl.Int64)}


@dataclass(frozen=True)
class Replayed:
    """How the run ended, and what became of the quarantine (TOLD); None where nothing new was published."""

    outcome: Outcome
    told: pl.DataFrame | None


def replay(folder: Path, out: Path, options: RunOptions, progress: Progress) -> Replayed:
    """Run the line on the landed files of the current release; raises as `run` does, and where nothing is published: then nothing is made.

    The as-of date is that of the release where neither the options nor registry.yml name one: a day later alone changes nothing.
    """
    project, before = load_project(folder), current(out)
    if before is None or not before.is_dir():  # a mistyped folder is not made
        raise nothing_published(out)
    day = options.as_of or project.registry.as_of
    if day is None and (was := stored_run(before).get("as_of")):
        day = date.fromisoformat(was)
    outcome = run(folder, out, replace(options, as_of=day), progress, landed_again)
    if outcome.exit_code or outcome.outcome == UNCHANGED or outcome.place is None:
        return Replayed(outcome, None)
    previous = out / RELEASES / str(stored_run(outcome.place).get("previous_release"))
    if not previous.is_dir():  # it was made with rows of a person who is erased
        return Replayed(outcome, None)
    return Replayed(outcome, compared(previous, outcome.place))


def compared(before: Path, after: Path) -> pl.DataFrame:
    """What became of each record in quarantine, counted by the edit that is the reason (TOLD), sorted by edit.

    released: is loaded now. gone: is not delivered any more under today's contracts and corrections.
    """
    old, new = (pl.read_parquet(path / "internal" / "quarantine.parquet").select(*NAMES, edit="reason") for path in (before, after))
    left = old.join(new, on=NAMES, how="anti")
    loaded = _loaded(after / "warehouse.duckdb", left)
    parts = {
        "before": old, "released": left.join(loaded, on=NAMES, how="semi"), "still": old.join(new, on=NAMES, how="semi"),
        "gone": left.join(loaded, on=NAMES, how="anti"), "newly": new.join(old, on=NAMES, how="anti"),
    }  # fmt: skip
    long = pl.concat([frame.select("edit", word=pl.lit(word)) for word, frame in parts.items()])
    counted = long.group_by("edit").agg((pl.col("word") == word).sum().cast(pl.Int64).alias(word) for word in WORDS)
    return counted.select(TOLD.keys()).sort("edit")


def _loaded(warehouse: Path, records: pl.DataFrame) -> pl.DataFrame:
    """Those of the records that the star holds."""
    found = [records.clear()]
    with duckdb.connect(str(warehouse), read_only=True, config=OFFLINE) as con:
        for table in LOADED:
            mine = records.filter(pl.col("record") == table.partition("_")[2])
            if mine.height:
                key = items.columns(table)[0].name
                query = exp.select(exp.alias_(ddl.field(key), "record_key")).from_(ddl.named(table)).sql("duckdb")
                found.append(mine.join(pl.DataFrame(con.sql(query).to_arrow_table()), on="record_key", how="semi"))
    return pl.concat(found)


def told(replayed: Replayed) -> str:
    """What is said of the quarantine, in a few lines: counts by edit, nothing of any record."""
    if replayed.told is None:
        return "nothing has changed since the release: the quarantine is as it was" if replayed.outcome.outcome == UNCHANGED else ""
    frame = replayed.told
    if frame.is_empty():
        return "no record was in quarantine and none is"
    rows = [("edit", *WORDS), *((str(cell) for cell in row) for row in frame.rows()), ("all", *(str(frame[word].sum()) for word in WORDS))]
    lines = [list(row) for row in rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    aligned = ("  ".join([line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))]) for line in lines)
    return "records in quarantine, by the edit that keeps them there:\n" + "\n".join(f"  {line}" for line in aligned)
