"""Publishes one study: cohort counts, Table 1, Table 2, survival and figures, into the folders of a release."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from schemas.claims import Claim
from schemas.study import AS_PUBLISHED, Study
from warehouse import candidates, claims, held, mart, methods_records, refused
from warehouse.claim_files import claims_frame, write_claims
from warehouse.cohort import Cohort, count_cohort
from warehouse.files import write_csv, write_text
from warehouse.flow import flow_svg
from warehouse.methods import Beside, methods
from warehouse.methods_words import percent
from warehouse.numbers import ALL, Numbers
from warehouse.stamp import Stamp, stamp
from warehouse.studies_together import told_together
from warehouse.study_figures import write_figures
from warehouse.suppressing import cells, linked
from warehouse.suppressing.cells import SUPPRESSED
from warehouse.suppressing.cuminc import suppress_cuminc
from warehouse.suppressing.disclosure import Sums
from warehouse.suppressing.endpoint import endpoint_sums
from warehouse.suppressing.means import Scales, scales
from warehouse.suppressing.same_women import COHORT, Places, Table, places
from warehouse.suppressing.survival import all_shown, suppress_survival, without_counts
from warehouse.survival import cut_off_told
from warehouse.survival.analyses import published_times
from warehouse.survival.envelope_rows import BANDS
from warehouse.survival.estimate import Estimates, estimate
from warehouse.survival_print import printed_survival
from warehouse.table_1 import COLUMNS as TABLE_1
from warehouse.table_1 import table_1
from warehouse.table_1_print import printed_table_1
from warehouse.table_1_tests import COLUMNS as TESTS
from warehouse.table_1_tests import suppress_tests, table_1_tests
from warehouse.table_2 import months_note, note, table_2
from warehouse.tables import PLAIN, PrintedTable, write_table

SIMULATED = "Simulated data: no patient stands behind any number"


@dataclass(frozen=True)
class StudyResult:
    """What was published. `women`: analysed women per arm and `all`, none where refused; `refusal`: why the numbers were (else empty);
    `reasons`: why something was not estimated, and beside which study it tells of a few; `files`: written files under `share` and
    `internal`."""

    study: str
    title: str
    women: Mapping[str, int]
    refusal: str
    reasons: tuple[str, ...]
    numbers: int
    files: tuple[Path, ...]
    # Of those held and those analysed together, the share that is held.
    held_share: float = 0.0
    # The same of each arm that has any, by its label.
    held_arms: Mapping[str, float] = field(default_factory=dict)
    min_cell: int = 1

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader of the numbers has to know, one sentence each."""
        return (*filter(None, (self.refusal,)), *self.reasons)


@dataclass(frozen=True)
class _Made:
    """The exact results of one study before anything is written."""

    study: Study
    cohort: Cohort
    table_1: pl.DataFrame
    tests: pl.DataFrame
    estimates: Estimates
    is_simulated: bool
    refusal: str
    stamp: Stamp
    # What is said of the records of the release.
    records: Sequence[str] = ()
    # Where each woman stands in the tables; None where nothing is hidden.
    places: Places | None = None
    # What the numbers of Table 1 tell of counts.
    scales: Scales = field(default_factory=Scales)

    @property
    def banner(self) -> str:
        """What stands above every table and figure."""
        return "; ".join(filter(None, (SIMULATED if self.is_simulated else "", self.refusal)))

    def of_release(self, *, is_exact: bool) -> str:
        """Which release a figure or table is of; of exact counts of which a copy hides the small ones, that they are not to be shared."""
        return self.stamp.line(is_closed=is_exact and self.study.min_cell > 1)


def import_libraries() -> None:
    """Imports what studies are estimated, drawn and printed with, before it is needed where there is time: it takes seconds."""
    for name in (
        "great_tables",
        "lifelines.statistics",
        "matplotlib.backends.backend_agg",
        "matplotlib.backends.backend_svg",
        "matplotlib.figure",
        "xlsxwriter",
    ):
        import_module(name)


def publish_studies(
    con: duckdb.DuckDBPyConnection, studies: Sequence[Study], share: Path, internal: Path, *,
    is_simulated: bool, behind: Mapping[str, pl.DataFrame] | None = None, said: Mapping[str, Sequence[Claim]] | None = None,
) -> list[StudyResult]:  # fmt: skip
    """Builds the mart of these studies and publishes each, in their order; see `publish_study`.

    `behind`: all records, by staging record, of the persons of whom an error edit keeps one back. `said`: the claims of each study.
    """
    held.fill(con, studies, behind or {})
    candidates.keep(con, studies)
    claimed = said or {}
    made = [publish_study(con, study, share, internal, claimed.get(study.study, ()), is_simulated=is_simulated) for study in studies]
    told = list(told_together(con, studies, share))
    return [replace(one, reasons=(*one.reasons, *(notice for study, notice in told if study == one.study))) for one in made]


def publish_study(
    con: duckdb.DuckDBPyConnection, study: Study, share: Path, internal: Path, said: Sequence[Claim] = (), *, is_simulated: bool
) -> StudyResult:
    """Writes `share`/studies/NAME and, where needed, `internal`/studies/NAME, and the study's numbers into mart_number.

    `con` is the warehouse, with what its conditions read kept (`candidates.keep`); the mart of this study is filled here. `share`
    and `internal` are the folders of the release.
    With `min_cell` above 1 the shared files have small cells hidden and the exact ones stand in `internal`. Of a study whose numbers
    are refused nothing but those held can be counted afterwards, in no file and in no table of the mart (`warehouse.refused`).
    Raises RefusedError where two numbers would share an id, or a time that cannot be reaches an estimator.
    """
    numbers = Numbers(study.study)
    with mart.filled(con, study):
        of_women = table_2(con, study, study.table_2, numbers) if study.table_2 is not None else None
        of_claims = claims.measure(con, study, said)
    made = _compute(con, study, numbers, is_simulated)
    judged = _claims(con, made, said, of_claims, numbers)
    if made.refusal:
        of_women = of_women.clear() if of_women is not None else None
        refused.withhold(con, study.study, numbers)
    shared, closed = share / "studies" / study.study, internal / "studies" / study.study
    written = _write(made, shared, is_exact=study.min_cell == 1)
    if study.min_cell > 1:
        written += _write(made, closed, is_exact=True)
    written += _write_table_2(made, of_women, shared, closed)
    if said:  # the verdict on a small number gives it away
        folder, of = shared if study.min_cell == 1 else closed, made.of_release(is_exact=True)
        written += write_claims(judged, study, folder, made.banner, is_simulated=is_simulated, stamp=of)
    numbers.store(con)
    return _result(made, numbers.frame().height, sorted(written))


def _result(made: _Made, n_numbers: int, written: Sequence[Path]) -> StudyResult:
    study, cohort = made.study, made.cohort
    return StudyResult(
        study.study, study.title, {} if made.refusal else _women(made), made.refusal, tuple(dict.fromkeys(_reasons(made))), n_numbers,
        tuple(written), cohort.held_share, {arm.label: cohort.held_shares[arm.arm] for arm in study.arms if arm.arm in cohort.held_shares},
        study.min_cell,
    )  # fmt: skip


def _compute(con: duckdb.DuckDBPyConnection, study: Study, numbers: Numbers, is_simulated: bool) -> _Made:
    cohort = count_cohort(con, study, numbers)
    refusal = _refusal(study, cohort)
    rows = pl.DataFrame(schema=TABLE_1) if refusal else table_1(con, study, cohort.arms, numbers)
    asked = study.table_1_p_values and not refusal
    tests = table_1_tests(con, study, numbers) if asked else pl.DataFrame(schema=TESTS)
    hides = study.min_cell > 1
    published = {one.endpoint: published_times(con, study, one.endpoint) for one in study.endpoints} if hides else {}
    estimates = estimate(con, study, numbers, refusal, published)
    stand = places(con, study, published) if hides and not refusal else None
    told = scales(con, study) if stand is not None else Scales()
    said = methods_records.records(con)
    return _Made(study, cohort, rows, tests, estimates, is_simulated, refusal, stamp(con, study.study), said, stand, told)


def _claims(
    con: duckdb.DuckDBPyConnection, made: _Made, said: Sequence[Claim], of_women: Mapping[str, claims.Recomputed], numbers: Numbers
) -> pl.DataFrame:
    """The verdict on each claim: after everything else, since claims may use any published number."""
    found = claims.with_arithmetic(con, said, of_women, numbers.values())
    return claims_frame(made.study, said, found, numbers, is_simulated=made.is_simulated, refusal=made.refusal)


def _refusal(study: Study, cohort: Cohort) -> str:
    if cohort.held_share <= study.max_held_share:
        return ""
    limit = percent(study.max_held_share)
    return f"refused: more than {limit} of the {study.subjects} who may be eligible are held until the source is mended"


def _reasons(made: _Made) -> Iterator[str]:
    """Why something was not estimated, as it may be shared; an arm without anybody is no news."""
    for row in made.estimates.survival:
        if row["reason"] and (row["n"] or row["among_unknown"] or not made.cohort.n("analysed")):
            yield f"{row['endpoint']}, {row['estimator']}: {_shared(made, row['reason'])}"
        if row["arm"] == ALL and row["analysis"] == AS_PUBLISHED and row["left_out_reason"]:
            yield f"{row['endpoint']}, {row['estimator']}: left out: {_shared(made, row['left_out_reason'])}"
    yield from cut_off_told.not_begun(made.study, made.estimates.survival)


def _shared(made: _Made, reason: object) -> str:
    """A reason as it may be shared: without its counts where small cells are hidden."""
    return str(reason) if made.study.min_cell == 1 else without_counts(str(reason))


def _write(made: _Made, folder: Path, *, is_exact: bool) -> list[Path]:
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
    printed = printed_table_1(study, made.cohort, rows, counts, made.banner, tests=tests, is_exact=is_exact, is_refused=bool(made.refusal))
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
    write_text(folder / "methods.md", methods(study, told, made.stamp, Beside(of, notices, answering, made.records)))
    names.append("methods.md")
    figures = write_figures(
        study, frames, folder / "figures", made.banner, is_exact=is_exact, is_simulated=made.is_simulated, bands=bands, stamp=of
    )
    return [*(folder / name for name in names), *figures]


def _suppressed(made: _Made, counts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, pl.DataFrame]]:
    """Table 1, its tests and survival beside the cohort counts as they are shared."""
    study, open_ = made.study, cells.open_arms(counts)
    beside = _beside(made, counts, open_)
    closed = made.scales.closed(cells.counts_of(made.table_1), beside.shown("table_1"), open_)
    rows = cells.suppress_table_1(made.table_1, study, beside.shown("table_1"), closed)
    tests = suppress_tests(made.tests, rows, study.min_cell, closed.means)
    frames, found = made.estimates.frames(), made.estimates
    shown = all_shown(found.delivered, study, _women(made), open_, together=found.together, published=beside.published())
    shared = suppress_survival(frames, study, open_, shown)
    if "cuminc" in frames:
        shared["cuminc"] = suppress_cuminc(frames, study, open_, shown)
    return rows, tests, shared


def _beside(made: _Made, counts: pl.DataFrame, open_: Collection[str]) -> linked.Beside:
    """What the tables show beside the cohort counts as they are shared."""
    study, times = made.study, made.estimates.delivered
    cohort = linked.told(*cells.settled(made.cohort.counts, counts))
    variables = cells.counts_of(made.table_1).items()
    timed = [endpoint for endpoint in study.endpoints if endpoint.endpoint in times]
    tables: dict[Table, Sums[Any, Any]] = {COHORT: cohort}
    tables |= {("table_1", name): cells.variable_sums(exact, open_) for name, exact in variables}
    tables |= {("survival", one.endpoint): endpoint_sums(times[one.endpoint], study, one, _women(made), open_) for one in timed}
    return linked.beside(tables, made.places, study.min_cell)


def _women(made: _Made) -> dict[str, int]:
    """The analysed women of each arm and of all."""
    return {arm.arm: made.cohort.n("analysed", arm.arm) for arm in made.study.arms} | {ALL: made.cohort.n("analysed")}


def _write_table_2(made: _Made, rows: pl.DataFrame | None, shared: Path, closed: Path) -> list[Path]:
    """Table 2 goes out only where the study declares it published; it has one row per woman."""
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
