"""Everything of a release between the routed records and the swap: star, mart, studies, audit, expectations, report."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import duckdb
import polars as pl

from etl.delivering import Delivered
from etl.link import Linked
from etl.options import RunOptions
from etl.outcome import Attempt, Loaded
from etl.progress import Progress
from etl.release_files import previous_release, quality_files, source_frame, write_internal, write_run_json
from schemas.core.errors import RefusedError
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER, stack
from schemas.findings import identified
from schemas.project import Project
from validations.edit import Edit
from validations.expectations import check
from validations.route import Routed
from warehouse.audit import audit
from warehouse.build import OFFLINE, build
from warehouse.explain import write_maps
from warehouse.inputs import BuildInputs
from warehouse.mart import build_mart
from warehouse.publish import ReleaseFolder
from warehouse.runs import code_version
from warehouse.studies import publish_study


def load(
    release: ReleaseFolder, project: Project, delivered: Delivered, linked: Linked, routed: Routed, edits: Sequence[Edit],
    as_of: datetime.date, options: RunOptions, progress: Progress, attempt: Attempt,
) -> Loaded:  # fmt: skip
    """Write the whole release into its folder; raises RefusedError where the audit or a critical expectation refuses it."""
    sources = source_frame(delivered.landing)
    findings = identified(stack([delivered.findings, linked.findings, routed.judged.findings], FINDINGS), sources)
    counts = stack([_summed(stack([delivered.counts, linked.counts], EDIT_COUNTS)), routed.judged.counts], EDIT_COUNTS)
    ledger = stack([delivered.ledger, linked.ledger, routed.ledger], LEDGER)
    settings: dict[str, str] = {"memory_limit": options.memory_limit} if options.memory_limit else {}
    with progress.stage("load"):
        inputs = BuildInputs(
            routed.records, findings, ledger.filter(pl.col("stage") != "load"), linked.lineage, sources, _release_row(release, project, as_of), project.vocabularies
        )
        rows = build(release.warehouse, inputs, settings)
    with progress.stage("studies"), duckdb.connect(str(release.warehouse), config={**OFFLINE, **settings}) as con:
        build_mart(con, project.studies)
        simulated = project.registry.is_simulated
        studies = [publish_study(con, study, release.share, release.internal, is_simulated=simulated) for study in project.studies]
        con.execute("checkpoint").fetchall()
    with progress.stage("audit"):
        audit(release.warehouse, project.vocabularies, ledger, delivered.lines)
    before = previous_release(release.out)
    with progress.stage("expectations"):
        expected = check(release.warehouse, release.share / "quality" / "expectations", project.registry.thresholds, before.get("expectations"))
    with progress.stage("report"):
        write_maps(release.path, project.contracts, project.studies)
        write_internal(release, delivered.unmapped, findings, routed.quarantine, as_of)
        ledger.sort(list(LEDGER)).write_csv(release.path / "ledger.csv", line_terminator="\n")
        quality_files(release, project, delivered, counts, findings, ledger, sources, edits, expected, rows, before, studies, as_of)
    write_run_json(release, project, delivered, sources, expected, rows, before, progress.seconds, attempt.started, as_of)
    if expected.critical_failed:
        named = ", ".join(expected.failed.filter(pl.col("critical"))["name"])
        raise RefusedError(f"critical expectations are not met: {named} (see share/quality/expectations/index.html there)")
    severities = dict(findings.group_by("severity").len().iter_rows())
    return Loaded(rows, tuple(study.study for study in project.studies), severities)


def _summed(counts: pl.DataFrame) -> pl.DataFrame:
    """The counts of the reading edits over all files, one row per edit."""
    return counts.group_by("edit", "severity").agg(pl.exclude("edit", "severity").sum()).sort("edit")


def _release_row(release: ReleaseFolder, project: Project, as_of: datetime.date) -> dict[str, object]:
    return {
        "run_id": release.run_id, "registry": project.registry.registry, "as_of": as_of, "code_version": code_version(),
        "is_simulated": project.registry.is_simulated,
    }  # fmt: skip
