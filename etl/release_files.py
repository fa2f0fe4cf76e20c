"""The files of a release beside the warehouse and the studies: run.json, the quality report and its data, internal/."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import polars as pl

from etl import own_words
from etl.delivering import Delivered
from etl.landing.landed import Landing, Refusal
from etl.landing.manifest import private_file
from etl.nights import history
from etl.nights.delivered_anew import since, write_seen
from etl.nights.delivered_fields import delivered_fields
from etl.nights.handed_on import KEPT, handed_on
from etl.nights.history import Before, History
from etl.nights.own_releases import BYTES
from etl.nights.trusted import TRUST
from etl.nights.volume import HELD_TO, measures_frame, moved_on, rows_in_force
from etl.outcome import NOT_MET, PUBLISHED, REFUSED, WITH_REFUSALS
from etl.setting import Setting
from etl.worklists.worklist import About, Work, worklist
from schemas import items
from schemas.reading_edits import reading_edits
from schemas.statuses import OVERRIDDEN
from validations.edit import Edit
from validations.expectations import Expectations
from validations.expecting.told import lost_line
from validations.report import overrides_view, write
from validations.report.csv_files import formula_safe, marked, write_edits
from validations.report.not_met import names_not_met, warned
from validations.report.numbers import PERCENT
from validations.report.report_input import CORRECTIONS, EDITS, SOURCES, UNMAPPED, ReportInput, StudyLink
from validations.report.rests_on import reads
from warehouse.explaining.corrections import APPLIED
from warehouse.publish import ReleaseFolder
from warehouse.runs import code_version, key_fingerprint
from warehouse.studies import StudyResult


@dataclass(frozen=True)
class Content:
    """All that the report and run.json of one release are made from.

    counts: EDIT_COUNTS; ledger: all stages, sorted; sources: dim_source; before: the release that is current now; history: the
    findings with their ids, and all that compares with it; counted: etl.linking.field_counts.COUNTED; answers: what became of them
    (validations.answered.REPORT); grids: what the report measures of the star (etl.asked.grids).
    """

    given: Setting
    delivered: Delivered
    counts: pl.DataFrame
    ledger: pl.DataFrame
    sources: pl.DataFrame
    expected: Expectations
    rows: Mapping[str, int]
    before: Before
    history: History
    studies: Sequence[StudyResult]
    counted: pl.DataFrame
    answers: pl.DataFrame
    grids: Mapping[str, pl.DataFrame]

    @cached_property
    def since(self) -> Mapping[str, datetime.date]:
        """By name of the file in force the day since which its bytes are known."""
        return since(self.delivered.landing.files, self.before.files, self.given.as_of)


LIBRARIES = ("polars", "duckdb", "pandera", "lifelines", "great-expectations", "sqlglot")
# What of a study the report leads to beside Table 1, where it is shared.
LINKED = ("cohort_counts.svg", "claims.html", "survival.html", "methods.md")


def source_frame(landing: Landing) -> pl.DataFrame:
    """One row per file in force, with the columns of dim_source."""
    rows = [
        (f.source_key, f.name, f.contract.source, f.contract.contract, f.contract.contract_version, f.sha256, f.size) for f in landing.files
    ]
    return pl.DataFrame(rows, schema=items.polars_schema("dim_source"), orient="row")


def write_private(path: Path, rows: pl.DataFrame) -> None:
    """A CSV closed to others (0600), beside the rest of internal/; no file where there is no row."""
    if rows.height:
        with private_file(path) as handle:
            rows.write_csv(handle, line_terminator="\n")


def write_internal(release: ReleaseFolder, content: Content, quarantine: pl.DataFrame) -> None:
    """unmapped.csv, own_words.csv, unlisted_words.csv, findings and quarantine.parquet under internal/: raw spellings, one row per
    finding or record.

    `quarantine`: with the row as delivered (QUARANTINE and `raw`).
    """
    unmapped = own_words.settled(content.delivered.unmapped, content.given.project.vocabularies)
    ordered = unmapped.sort(pl.col(pl.String))
    formula_safe(ordered).write_csv(release.internal / "unmapped.csv", line_terminator="\n")
    formula_safe(own_words.ranked(ordered)).write_csv(release.internal / own_words.FILE, line_terminator="\n")
    unlisted = content.delivered.unlisted.sort(-pl.col("n"), pl.col(pl.String))
    formula_safe(unlisted).write_csv(release.internal / "unlisted_words.csv", line_terminator="\n")
    history.write(release, content.history, content.expected, is_simulated=content.given.project.registry.is_simulated)
    files = content.delivered.landing.files
    write_seen(release.path, files, content.since, content.before.files)
    rows = rows_in_force(content.ledger, files)
    given = content.given
    held_to = moved_on(content.delivered.held_to, rows, (release.run_id, given.as_of.isoformat()), given.project.contracts)
    measures_frame(held_to).write_csv(release.path / HELD_TO, line_terminator="\n")
    quarantine.write_parquet(release.internal / "quarantine.parquet")


def write_worklist(release: ReleaseFolder, content: Content, work: Work, shown: About, raw: pl.DataFrame) -> None:
    """worklist.xlsx under internal/: what a registrar is to mend, with the cells as delivered (`raw`: raw_rows.RAW)."""
    given = content.given
    named = f"Release {release.run_id}, as of {given.as_of.isoformat()}"
    book = worklist(work, shown, raw, _edit_texts(given.edits), contracts=given.project.contracts, release=named)
    (release.internal / "worklist.xlsx").write_bytes(book)


def write_quality(release: ReleaseFolder, content: Content, contradicted: pl.DataFrame) -> None:
    """ledger.csv, share/quality/index.html, edits.csv and vocabularies.csv (how many texts and cells fell into which bin).

    `contradicted`: what two sources said against each other (contradicted.CONTRADICTED).
    """
    is_simulated, texts = content.given.project.registry.is_simulated, _edit_texts(content.given.edits)
    write(release.share / "quality" / "index.html", _report_input(release, content, texts, contradicted))
    write_edits(release.share / "quality" / "edits.csv", content.counts, texts, is_simulated=is_simulated)
    bins = marked(content.delivered.bins.sort(pl.col(pl.String)), is_simulated=is_simulated)
    formula_safe(bins).write_csv(release.share / "quality" / "vocabularies.csv", line_terminator="\n")
    content.ledger.write_csv(release.path / "ledger.csv", line_terminator="\n", quote_style="necessary")


def _report_input(release: ReleaseFolder, content: Content, texts: pl.DataFrame, contradicted: pl.DataFrame) -> ReportInput:
    """What the quality report is made of; `texts` (EDITS): what each edit is called."""
    registry = content.given.project.registry
    return ReportInput(
        registry_title=registry.title,
        run_id=release.run_id,
        as_of=content.given.as_of,
        is_simulated=registry.is_simulated,
        rows=content.rows,
        previous=content.before.run.get("rows"),
        ledger=content.ledger,
        edit_counts=content.counts,
        edits=texts,
        edit_reads=reads(content.given.edits),
        findings=content.history.findings,
        expectations=content.expected.results,
        not_met_before=content.before.run.get("expectations_not_met"),
        unmapped=_unmapped_counts(content.delivered.unmapped),
        sources=_reported_sources(content),
        studies=[_link(study) for study in content.studies],
        delivered=delivered_fields(content.delivered.fields, content.counted),
        contradicted=contradicted,
        corrections=_unapplied(content.delivered.corrections),
        applied=content.delivered.corrections.filter(pl.col("outcome") == APPLIED)["line"].n_unique(),
        overrides=overrides_view.shown(content.answers, content.sources, OVERRIDDEN),
        edit_history=content.history.edits,
        release_history=content.history.releases,
        **content.grids,
    )


def write_run_json(release: ReleaseFolder, content: Content, content_hash: str) -> None:
    """run.json: what the release is a function of, what it holds, how long it took. No row per patient, no value.

    `content_hash`: of the warehouse (`warehouse.content`).
    """
    given, landing = content.given, content.delivered.landing
    refused = content.expected.critical_failed
    said = {
        "run_id": release.run_id,
        "registry": given.project.registry.registry,
        "previous_release": content.before.run.get("run_id"),
        "outcome": REFUSED if refused else WITH_REFUSALS if landing.refusals else PUBLISHED,
        "started": given.started.isoformat(timespec="seconds"),
        "ended": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "as_of": given.as_of.isoformat(),
        "key_fingerprint": key_fingerprint(given.key),
        "versions": {"oncomart": code_version(), **{name: version(name) for name in LIBRARIES}},
        "inputs": _inputs(content),
        TRUST: list(given.project.registry.trust),
        "refusals": [asdict(refusal) for refusal in landing.refusals],
        "notices": [asdict(notice) for notice in (*landing.notices, *expectation_notices(content.expected))],
        "rows": dict(content.rows),
        "expectations": dict(content.expected.counts),
        "expectations_not_met": names_not_met(content.expected.results),
        "content_hash": content_hash,
        BYTES: release.warehouse.stat().st_size,
        KEPT: handed_on(release.path),
        "seconds": dict(given.progress.seconds),
    }
    (release.path / "run.json").write_text(json.dumps(said, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _inputs(content: Content) -> dict[str, object]:
    """The files that the release is a function of, each with its hash."""
    landing, days = content.delivered.landing, content.since
    return {
        "landed": [
            {"name": f.name, "sha256": f.sha256, "contract": f.contract.contract, "fate": f.fate, "since": days[f.name].isoformat()}
            for f in landing.files
        ],
        "passed_over": [{"name": f.name, "sha256": f.sha256, "fate": f.fate} for f in landing.passed_over],
        "project": dict(content.given.project.files()),
    }


def expectation_notices(expected: Expectations, lost: Iterable[str] = ()) -> tuple[Refusal, ...]:
    """What is not met and stops nothing, and releases accepted that are `lost` (not kept), as notices of the run: counts and words,
    never a value.
    """
    told = [*(said.replace(PERCENT, " %") for said in warned(expected.results)), *map(lost_line, lost)]
    return tuple(Refusal("", "", NOT_MET, said) for said in told)


def _link(study: StudyResult) -> StudyLink:
    folder = f"../studies/{study.study}"
    told = (study.notices, study.refusal, study.held_share, study.held_arms)
    shared = {path.name for path in study.files if path.parts[-4:-2] == ("share", "studies")}
    flow, claims, times, methods = (f"{folder}/{name}" if name in shared else "" for name in LINKED)
    return StudyLink(
        study.study, study.title, f"{folder}/table_1.html", *told, flow=flow, claims=claims, times=times, methods=methods,
        min_cell=study.min_cell,
    )  # fmt: skip


def _edit_texts(edits: Sequence[Edit]) -> pl.DataFrame:
    """What every edit is called and asks for: the compiled ones and those made while reading."""
    compiled = [(e.edit, e.title, e.severity, e.reason, e.action) for e in edits]
    reading = [(e.edit, e.title, e.severity, e.reason, e.action) for e in reading_edits().values()]
    return pl.DataFrame([*compiled, *reading], schema=EDITS, orient="row")


def _unmapped_counts(unmapped: pl.DataFrame) -> pl.DataFrame:
    counted = unmapped.group_by("contract", "source_file", "column").agg(pl.col("spelling").n_unique().alias("distinct"), pl.col("n").sum())
    return counted.select(pl.col(name).cast(kind) for name, kind in UNMAPPED.items()).sort("contract", "source_file", "column")


def _unapplied(corrections: pl.DataFrame) -> pl.DataFrame:
    """Corrections that need a look, without what a reviewer wrote: that may quote a cell."""
    return corrections.filter(pl.col("outcome") != APPLIED).select(CORRECTIONS.keys()).unique().sort("line", "column", nulls_last=True)


def _reported_sources(content: Content) -> pl.DataFrame:
    """The files in force with their status and the day since which they are there, and what was refused, not delivered or only noticed."""
    landing = content.delivered.landing
    status = {file.name: "good" if file.fate == "goes_on" else file.fate for file in landing.files}
    used = content.sources.with_columns(
        pl.col("source_file").replace_strict(status, return_dtype=pl.String).alias("status"),
        pl.lit("", pl.String).alias("message"),
        pl.col("source_file").replace_strict(content.since, return_dtype=pl.Date).alias("since"),
    )
    refused = [
        {"source_file": r.source_file or r.contract, "contract": r.contract, "status": status, "message": r.message}
        for status, unused in (("refused", landing.refusals), ("not_used", landing.notices))
        for r in unused
    ]
    return pl.concat([used.select(SOURCES.keys()), pl.DataFrame(refused, schema=SOURCES)])
