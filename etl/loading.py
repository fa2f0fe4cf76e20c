"""Everything of a release between the routed records and the swap: star, mart, studies, audit, expectations, report."""

from __future__ import annotations

import duckdb
import polars as pl

from etl import corrections, history, link_report
from etl.beside import Beside
from etl.delivering import Delivered
from etl.explaining import write_contracts
from etl.history import Before
from etl.link import Linked
from etl.outcome import Loaded
from etl.raw_rows import raw_rows
from etl.release_files import Content, source_frame, write_internal, write_quality, write_run_json, write_worklist
from etl.setting import Setting
from etl.worklist import about, to_mend
from schemas.core.errors import RefusedError
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER, stack
from schemas.findings import identified
from validations.answered import answered, with_status
from validations.edit import critical_codes
from validations.expectation_rules import silence_rule
from validations.expectations import Expectations, check, import_engine
from validations.judge import Records
from validations.report.csv_files import formula_safe
from validations.route import Routed
from validations.silence import fallen_silent, results, silence_findings
from warehouse.audit import audit
from warehouse.build import OFFLINE, build
from warehouse.content import content_hash
from warehouse.explain import write_maps
from warehouse.inputs import BuildInputs
from warehouse.publish import ReleaseFolder
from warehouse.runs import code_version
from warehouse.studies import StudyResult, publish_studies


def load(release: ReleaseFolder, given: Setting, delivered: Delivered, linked: Linked, routed: Routed) -> Loaded:
    """Write the whole release into its folder; raises RefusedError where the audit or a critical expectation refuses it."""
    with Beside(given.progress) as beside:
        return _loaded(release, given, delivered, linked, routed, beside=beside)


def _loaded(release: ReleaseFolder, given: Setting, delivered: Delivered, linked: Linked, routed: Routed, *, beside: Beside) -> Loaded:
    project, stage = given.project, given.progress.stage
    sources = source_frame(delivered.landing)
    judged = identified(stack([delivered.findings, linked.findings, routed.judged.findings], FINDINGS), sources, delivered.said)
    people = answered(given.said, judged, routed, dict(sources.select("source_file", "sha256").iter_rows()))
    findings = with_status(pl.concat([judged, identified(people.findings, sources)]), people.statuses)
    ledger = stack([delivered.ledger, linked.ledger, routed.ledger], LEDGER).sort(list(LEDGER))
    work = to_mend(findings, sources)
    with stage("work list"):
        shown = about(work, given.edits, linked, routed, sources)
    with stage("load"):
        inputs = BuildInputs(
            routed.records,
            findings,
            ledger.filter(pl.col("stage") != "load"),
            of_loaded(linked.lineage, routed.quarantine),
            sources,
            _release_row(release, given),
            project.vocabularies,
        )
        rows = build(release.warehouse, inputs, given.duckdb, spend=True)
    places = pl.concat(frame.select("source_file", "source_row") for frame in (shown.places, routed.quarantine))
    delivered_rows = beside.begin(lambda: raw_rows(delivered.landing.files, places, delivered.packed), "raw rows")
    with stage("studies"):
        studies = _studies(release, given, routed.behind)
    imported = beside.begin(import_engine)  # not before the studies import theirs: two threads that import may meet half a module
    with stage("audit"):
        audit(release.warehouse, project.vocabularies, ledger, delivered.lines)
    counts = stack([_summed(stack([delivered.counts, linked.counts, people.counts], EDIT_COUNTS)), routed.judged.counts], EDIT_COUNTS)
    before = history.before(release.out, project.registry.accepted)
    with stage("expectations"):
        imported()
        silent = fallen_silent(counts, before.counts, critical_codes(given.edits), project.registry.thresholds)
        expected = _expected(release, given, before, silent)
    with stage("history"):
        found = pl.concat([findings, with_status(identified(silence_findings(silent), sources), people.statuses)])
        measures = {**rows, **history.changed_numbers(before, release.warehouse)}
        known = history.of_release(
            before,
            release.run_id,
            given.as_of.isoformat(),
            findings=found,
            counts=counts,
            measures=measures,
            silent=silent["edit"].to_list(),
        )
    content = Content(given, delivered, counts, ledger, sources, expected, rows, before, known, studies, linked.counted, people.report)
    raw = delivered_rows()
    with stage("report"):
        described = beside.begin(lambda: _described(release, content))
        _written(release, content, linked, routed, raw)
        write_worklist(release, content, work, shown, raw)
        hashed = described()
    write_run_json(release, content, hashed)
    if expected.critical_failed:
        named = ", ".join(expected.failed.filter(pl.col("critical"))["name"])
        raise RefusedError(f"critical expectations are not met: {named} (see share/quality/expectations/index.html there)")
    severities = dict(found.group_by("severity").len().iter_rows())
    withheld = {study.study: study.refusal for study in studies if study.refusal}
    return Loaded(rows, tuple(study.study for study in project.studies), severities, withheld)


def _described(release: ReleaseFolder, content: Content) -> str:
    """The report, and the content hash of the warehouse that it tells of."""
    write_quality(release, content)
    return content_hash(release.warehouse)


def _written(release: ReleaseFolder, content: Content, linked: Linked, routed: Routed, raw: pl.DataFrame) -> None:
    """What lies beside the report and the work list; `raw`: the rows as delivered (etl.raw_rows.RAW)."""
    project = content.given.project
    write_maps(release.path, project.contracts, project.studies)
    write_contracts(release.internal, project.contracts)
    place = ["source_file", "source_row"]
    write_internal(release, content, routed.quarantine.join(raw.drop("birth"), on=place, how="left", maintain_order="left"))
    link_report.write(release.internal / "linkage.csv", linked.linkage)
    corrections.write(release.internal / "corrections.csv", content.delivered.corrections)
    corrections.write(release.internal / "answers.csv", formula_safe(content.answers))


def of_loaded(lineage: pl.DataFrame, quarantine: pl.DataFrame) -> pl.LazyFrame:
    """The lineage without the records that are not loaded, of which there are few: no join of all lines with all records.

    Lazy, so that it is copied when most of the records are in the warehouse and not before.
    """
    fell = pl.col("record_key").is_in(quarantine["record_key"].implode())
    few = lineage.filter(fell)
    if few.is_empty():
        return lineage.lazy()
    kept = few.with_columns(pl.col("record").cast(pl.String)).join(quarantine, on=["record", "record_key"], how="anti")
    others = kept.with_columns(pl.col("record").cast(lineage.schema["record"]))
    return pl.concat([lineage.lazy().filter(~fell), others.lazy()])


def _expected(release: ReleaseFolder, given: Setting, before: Before, silent: pl.DataFrame) -> Expectations:
    """The suite on the warehouse file, and beside it the edits that fell silent."""
    thresholds = given.project.registry.thresholds
    beside = results(silent, before.counts, silence_rule(thresholds))
    docs, place = release.share / "quality" / "expectations", (release.run_id, given.as_of.isoformat())
    return check(release.warehouse, docs, thresholds, before.baselines, place=place, beside=beside)


def _studies(release: ReleaseFolder, given: Setting, behind: Records) -> list[StudyResult]:
    """The mart, and what every study publishes from it; `behind`: all records of the women of whom one is kept back."""
    project = given.project
    with duckdb.connect(str(release.warehouse), config={**OFFLINE, **given.duckdb}) as con:
        folders, is_simulated = (release.share, release.internal), project.registry.is_simulated
        results = publish_studies(con, project.studies, *folders, is_simulated=is_simulated, behind=behind)
        con.execute("checkpoint").fetchall()
    return results


def _summed(counts: pl.DataFrame) -> pl.DataFrame:
    """The counts of the reading edits over all files, one row per edit."""
    return counts.group_by("edit", "severity").agg(pl.exclude("edit", "severity").sum()).sort("edit")


def _release_row(release: ReleaseFolder, given: Setting) -> dict[str, object]:
    registry = given.project.registry
    return {
        "run_id": release.run_id,
        "registry": registry.registry,
        "as_of": given.as_of,
        "code_version": code_version(),
        "is_simulated": registry.is_simulated,
    }
