"""The files of one study in a folder of a release: exact, or as they are shared, with small cells hidden."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from warehouse import refused
from warehouse.files import write_csv, write_text
from warehouse.flow import flow_svg
from warehouse.methods import ReleaseFacts, methods
from warehouse.study_figures import write_figures
from warehouse.study_made import Made
from warehouse.suppressing import cells, linked
from warehouse.suppressing.cells import SUPPRESSED
from warehouse.suppressing.cuminc import suppress_cuminc
from warehouse.suppressing.disclosure import Sums
from warehouse.suppressing.endpoint import endpoint_sums
from warehouse.suppressing.means import beside
from warehouse.suppressing.same_women import COHORT, Table
from warehouse.suppressing.survival import all_shown, suppress_survival
from warehouse.survival import cut_off_told
from warehouse.survival.envelope_rows import BANDS
from warehouse.survival_print import printed_survival
from warehouse.table_1_print import printed_table_1
from warehouse.table_1_tests import suppress_tests
from warehouse.table_2 import months_note, note
from warehouse.tables import PLAIN, PrintedTable, write_table


def write_study(made: Made, folder: Path, *, is_exact: bool) -> list[Path]:
    """Writes everything but Table 2 and the claims, and gives the paths; not `is_exact`, small cells are hidden."""
    folder.mkdir(parents=True, exist_ok=True)
    study = made.study
    counts = made.cohort.counts if is_exact else cells.suppress_counts(made.cohort.counts, study)
    rows, tests, frames = (made.table_1, made.tests, made.estimates.frames()) if is_exact else _suppressed(made, counts)
    counts = refused.only_held(counts) if made.refusal else counts
    files = {"cohort_counts": counts, "table_1": rows, **({"table_1_tests": tests} if study.table_1_p_values else {}), **frames}
    notes = cut_off_told.flow_notes(study, made.estimates.survival if is_exact else ())
    for name, frame in files.items():
        write_csv(folder / f"{name}.csv", frame, is_simulated=made.is_simulated)
    hidden, of = "not given" if made.refusal else SUPPRESSED, made.of_release(is_exact=is_exact)
    write_text(folder / "cohort_counts.svg", flow_svg(counts, study.title, made.banner, hidden=hidden, notes=notes, stamp=of))
    printed = printed_table_1(
        study, made.cohort, rows, counts, made.banner, tests=tests, is_exact=is_exact, is_refused=bool(made.refusal), longer=made.longer
    )
    write_table(replace(printed, stamp=of), folder / "table_1")
    names = [*(f"{name}.csv" for name in files), "cohort_counts.svg", "table_1.html", "table_1.xlsx"]
    if study.endpoints:
        write_table(replace(printed_survival(study, frames, made.banner, is_exact=is_exact), stamp=of), folder / "survival")
        names += ["survival.html", "survival.xlsx"]
    bands = pl.DataFrame(made.estimates.bands, schema=BANDS) if is_exact and made.estimates.has_envelope else None
    notices = [text for text in made.banner.split("; ") if text]
    told = frames | ({"table_1_tests": tests} if study.table_1_p_values else {})
    without = ({"table_1.html"} if rows.is_empty() else set()) | ({"survival.html"} if made.refusal else set())
    answering = [name for name in names if name not in without]
    write_text(folder / "methods.md", methods(study, told, made.stamp, ReleaseFacts(of, notices, answering, made.records)))
    names.append("methods.md")
    figures = write_figures(
        study, frames, folder / "figures", made.banner, is_exact=is_exact, is_simulated=made.is_simulated, bands=bands, stamp=of
    )
    return [*(folder / name for name in names), *figures]


def write_table_2(made: Made, rows: pl.DataFrame | None, shared: Path, closed: Path) -> list[Path]:
    """Writes Table 2, which has one row per woman, to `shared` only where the study declares it published; gives the paths."""
    table = made.study.table_2
    if table is None or rows is None:
        return []
    folder = shared if table.published else closed
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "table_2.csv", rows, is_simulated=made.is_simulated)
    arm = next(arm.label for arm in made.study.arms if arm.arm == table.arm)
    cells = [(PLAIN, row) for row in rows.drop("number_id").iter_rows()]
    heads = [column.label for column in table.columns]
    told = filter(None, (months_note(made.study, table), note(text for _, row in cells for text in row if isinstance(text, str))))
    of = made.stamp.line(is_closed=not table.published)
    title = f"Table 2. {made.study.subjects.capitalize()} of the arm: {arm}"
    printed = PrintedTable("table_2", title, made.study.title, heads, cells, (*told,), made.banner, wide=True, stamp=of)
    write_table(printed, folder / "table_2")
    return [folder / f"table_2.{kind}" for kind in ("csv", "html", "xlsx")]


def _suppressed(made: Made, counts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, pl.DataFrame]]:
    """Table 1, its tests and survival beside the cohort counts as they are shared."""
    study, open_ = made.study, cells.open_arms(counts)
    tables = _shared_tables(made, counts, open_)
    every, told = beside(counts, tables.shown("survival"))
    closed = made.scales.closed({**cells.counts_of(made.table_1), **every}, {**tables.shown("table_1"), **told}, open_)
    rows = cells.suppress_table_1(made.table_1, study, tables.shown("table_1"), closed)
    tests = suppress_tests(made.tests, rows, study.min_cell, closed.means)
    frames, found = made.estimates.frames(), made.estimates
    shown = all_shown(found.delivered, study, made.women, open_, together=found.together, published=tables.published())
    shared = suppress_survival(frames, study, open_, shown)
    if "cuminc" in frames:
        shared["cuminc"] = suppress_cuminc(frames, study, open_, shown)
    return rows, tests, shared


def _shared_tables(made: Made, counts: pl.DataFrame, open_: Collection[str]) -> linked.SharedTables:
    """What the tables show beside the cohort counts as they are shared."""
    study, times = made.study, made.estimates.delivered
    cohort = linked.told(*cells.settled(made.cohort.counts, counts))
    variables = cells.counts_of(made.table_1).items()
    timed = [endpoint for endpoint in study.endpoints if endpoint.endpoint in times]
    tables: dict[Table, Sums[Any, Any]] = {COHORT: cohort}
    tables |= {("table_1", name): cells.variable_sums(exact, open_) for name, exact in variables}
    tables |= {("survival", one.endpoint): endpoint_sums(times[one.endpoint], study, one, made.women, open_) for one in timed}
    return linked.shared_tables(tables, made.places, study.min_cell)
