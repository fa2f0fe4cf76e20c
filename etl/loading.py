"""Everything of a release between the routed records and the swap: star, mart, studies, audit, expectations, report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial

import duckdb
import polars as pl

from etl.asked import Asked, asked
from etl.beside import Beside
from etl.delivering import Delivered
from etl.erase.every_run import without_erased
from etl.explaining import write_contracts
from etl.landing.lacking import lacking
from etl.link import Linked
from etl.loading_parts import Parts
from etl.loading_star import built
from etl.nights import history
from etl.nights.delivered_anew import not_anew, since
from etl.nights.files_compared import compared
from etl.nights.history import Before
from etl.nights.trusted import trust_changed
from etl.nights.values_changed import values_changed
from etl.nights.volume import no_measure, rows_in_force
from etl.outcome import Loaded
from etl.release_files import (
    Content,
    expectation_notices,
    source_frame,
    write_internal,
    write_private,
    write_quality,
    write_run_json,
    write_worklist,
)
from etl.setting import Setting
from etl.worklists.contradicted import contradicted
from etl.worklists.kept_back import with_raw
from etl.worklists.looked_into import Looked, looked_into
from etl.worklists.raw_rows import raw_rows
from etl.worklists.worklist import Work, about, files_of, to_mend
from schemas.core.errors import RefusedError
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER, stack
from schemas.domains import Codes
from schemas.findings import identified
from validations.answered import Answered, answered, said_fixed, with_status
from validations.answers import bound
from validations.edit import critical_codes
from validations.expectations import Expectations, check
from validations.expecting.anchor import Anchors
from validations.expecting.told import not_kept, refusal
from validations.expecting.volume_held import held
from validations.judge import Records
from validations.reference import Reference
from validations.report.csv_files import formula_safe
from validations.report.rests_on import reads_of_all
from validations.route import Routed
from validations.silence import Silence, fallen, listen, multiplied, silence_findings
from warehouse.audit import Found, audit, audit_star
from warehouse.build import UNPUBLISHED
from warehouse.content import content_hash
from warehouse.explain import write_maps
from warehouse.publish import ReleaseFolder
from warehouse.studies import StudyResult, publish_studies


def load(release: ReleaseFolder, given: Setting, delivered: Delivered, linked: Linked, routed: Routed, *, unread: pl.DataFrame) -> Loaded:
    """Write the whole release into its folder; raises RefusedError where the audit or a critical expectation refuses it.

    `unread`: what was not understood (schemas.unread.UNREAD).
    """
    ledger = stack([delivered.ledger, linked.ledger, routed.ledger], LEDGER).sort(list(LEDGER))
    with Beside(given.progress) as beside:
        return _loaded(Parts(release, given, delivered, linked, routed, source_frame(delivered.landing), ledger, unread, beside))


def _loaded(parts: Parts) -> Loaded:
    """One step after the other. What the work list asks of the records is asked before loading spends them."""
    given, linked, routed, stage = parts.given, parts.linked, parts.routed, parts.given.progress.stage
    people, findings = _with_answers(parts)
    work = to_mend(findings, parts.sources)
    with stage("work list"):
        looked = looked_into(given, linked, routed, findings, work)
    with stage("load"):
        rows, imported = built(parts, findings)
    with stage("studies"):
        imported()
        studies, of_star, asked_of_star, raw_text = _studied(parts, looked)
    on_disk = parts.beside.begin(parts.release.to_disk)
    with stage("audit"):
        audit(parts.release.warehouse, given.project.vocabularies, parts.ledger, parts.delivered.lines, star=of_star)
    counts = _counts(parts, people)
    asked = asked_of_star()
    before = asked.before
    with stage("expectations"):
        silence, expected = _compared(parts, people, counts, asked)
    with stage("history"):
        found = pl.concat([findings, with_status(identified(silence_findings(silence.silent), parts.sources), people.statuses)])
        known = _known(parts, before, found=found, counts=counts, rows=rows, silent=silence.overnight)
    content = Content(
        given, parts.delivered, counts, parts.ledger, parts.sources, expected, rows, before, known, studies, linked.counted, people.report,
        asked.grids,
    )  # fmt: skip
    raw = raw_text()
    with stage("report"):
        hashed = _told(parts, content, looked, raw, work)
        on_disk()
    write_run_json(parts.release, content, hashed)
    return _outcome(parts, content, found)


def _with_answers(parts: Parts) -> tuple[Answered, pl.DataFrame]:
    """What became of the answers that people gave, and all findings up to here, with ids and status."""
    given, delivered, linked, routed, sources = parts.given, parts.delivered, parts.linked, parts.routed, parts.sources
    found = stack([delivered.findings, linked.findings, routed.judged.findings], FINDINGS)
    judged = identified(found, sources, delivered.said, linked.said)
    said = bound(given.said, judged, given.as_of)
    fixed = said_fixed(said, judged)
    people = answered(said, judged, routed, files_of(about(fixed, given.edits, linked, routed, sources)) if fixed.height else {})
    return people, with_status(pl.concat([judged, identified(people.findings, sources)]), people.statuses)


def _studied(parts: Parts, looked: Looked) -> tuple[list[StudyResult], Found, Callable[[], Asked], Callable[[], pl.DataFrame]]:
    """What the studies publish, and what the audit of the star found meanwhile; and two functions that wait for a background thread:
    for the answers of the other queries on the star, and for the raw text of the rows that are shown.
    """
    given, delivered, beside = parts.given, parts.delivered, parts.beside
    places = looked.places(parts.routed.quarantine)
    with beside.shares(duckdb.connect(str(parts.release.warehouse), config={**UNPUBLISHED, **given.duckdb})) as con:
        star = beside.begin(partial(_star_audited, con.cursor(), given.project.vocabularies, parts.ledger, delivered.lines))
        asked_of_star = beside.begin(partial(asked, con.cursor(), given, delivered, partial(_before, parts)))
        closed = beside.settled()
        raw_text = beside.begin(lambda: raw_rows(delivered.landing.files, places, delivered.packed), "raw rows")
        studies = _studies(con, parts.release, given, parts.routed.behind, lacking(given.project, delivered.landing))
        of_star = star()
        closed()
        con.execute("checkpoint").fetchall()
    return studies, of_star, asked_of_star, raw_text


def _before(parts: Parts) -> Before:
    """What the release that is current hands on, without persons who were erased since."""
    registry = parts.given.project.registry
    return without_erased(history.before(parts.release.out, registry.accepted, registry.thresholds), parts.given)


def _counts(parts: Parts, people: Answered) -> pl.DataFrame:
    """The counts of all edits (EDIT_COUNTS), those of reading first."""
    while_reading = stack([parts.delivered.counts, parts.linked.counts, people.counts], EDIT_COUNTS)
    return stack([_summed(while_reading), parts.routed.judged.counts], EDIT_COUNTS)


def _compared(parts: Parts, people: Answered, counts: pl.DataFrame, asked: Asked) -> tuple[Silence, Expectations]:
    """The edits that fell silent, and the expectations of the load."""
    given, before = parts.given, asked.before
    # how many answers there are left to judge says nothing of the load
    of_load = counts.filter(~pl.col("edit").is_in(people.counts["edit"].implode()))
    silence = listen(of_load, before.compared, critical_codes(given.edits), given.project.registry.thresholds, parts.place)
    return silence, _expected(parts, asked, silence)


def _known(
    parts: Parts, before: Before, *, found: pl.DataFrame, counts: pl.DataFrame, rows: Mapping[str, int], silent: Collection[str]
) -> history.History:
    """The history up to this release."""
    measures = {**rows, **history.changed_numbers(before, parts.release.warehouse)}
    run_id, as_of = parts.place
    return history.of_release(before, run_id, as_of, findings=found, counts=counts, measures=measures, silent=silent)


def _told(parts: Parts, content: Content, looked: Looked, raw: pl.DataFrame, work: Work) -> str:
    """Everything that is written beside the warehouse but run.json; gives the content hash of the warehouse."""
    release = parts.release
    apart = contradicted(looked.against, raw, parts.given.project.registry.trust)
    described = parts.beside.begin(lambda: _described(release, content, apart))
    _written(release, content, parts.linked, with_raw(parts.routed.quarantine, looked.kept_back, raw), apart)
    write_worklist(release, content, work, looked.shown, raw)
    return described()


def _outcome(parts: Parts, content: Content, found: pl.DataFrame) -> Loaded:
    """What came of it. Raises RefusedError where a critical expectation is not met."""
    expected, compared = content.expected, content.before.compared
    if expected.critical_failed:
        raise RefusedError(refusal(expected.results, parts.release.run_id, not_kept(compared)))
    return Loaded(
        content.rows,
        tuple(study.study for study in parts.given.project.studies),
        dict(found.group_by("severity").len().iter_rows()),
        {study.study: study.refusal for study in content.studies if study.refusal},
        expectation_notices(expected, not_kept(compared)),
    )


def _described(release: ReleaseFolder, content: Content, apart: pl.DataFrame) -> str:
    """The report, and the content hash of the warehouse that it tells of."""
    write_quality(release, content, apart)
    return content_hash(release.warehouse)


def _written(release: ReleaseFolder, content: Content, linked: Linked, quarantine: pl.DataFrame, apart: pl.DataFrame) -> None:
    """What lies beside the report and the work list; `apart`: what sources say against each other (contradicted.CONTRADICTED)."""
    project = content.given.project
    write_maps(release.path, project.contracts, project.studies, project.claims)
    write_contracts(release.internal, project.contracts)
    write_internal(release, content, quarantine)
    write_private(release.internal / "linkage.csv", linked.linkage)
    write_private(release.internal / "corrections.csv", content.delivered.corrections)
    write_private(release.internal / "answers.csv", formula_safe(content.answers))
    write_private(release.internal / "contradictions.csv", formula_safe(apart))


def _expected(parts: Parts, asked: Asked, silence: Silence) -> Expectations:
    """The suite on the warehouse file, and beside it the edits that fell silent, the sources that deliver nothing new and what else
    compares a night with the one before.
    """
    release, given, delivered = parts.release, parts.given, parts.delivered
    docs = release.share / "quality" / "expectations"
    before, files, as_of = asked.before, delivered.landing.files, given.as_of
    late = not_anew(files, since(files, before.files, as_of), given.project.registry.sources, as_of)
    rows = rows_in_force(delivered.ledger, files)
    unlike = no_measure(delivered.held_to, rows, given.project.contracts, files)
    others = values_changed(release.warehouse, before.warehouse, str(before.run.get("run_id", "")))
    trusted = trust_changed(given.project.registry.trust, before.run)
    beside = pl.concat(
        [silence.results, late, unlike, others, trusted, compared(parts.ledger, files, before, as_of, parts.delivered.again)]
    )
    held_to = Reference(given.project.registry.thresholds, before.compared, before.last, asked.fills, held(parts.routed.quarantine))
    found = check(release.warehouse, docs, held_to, place=parts.place, beside=beside, found=asked.plan)
    odd = found.unlike_before
    silence = silence.heard_before(before.compared) if odd else silence
    anchors = Anchors({**found.anchors.old, **silence.anchors.old}, {**found.anchors.young, **silence.anchors.young})
    both = (before.baselines, silence.baselines)
    stay = {**multiplied(*both), **fallen(*both, reads_of_all(given.edits), odd)} if odd else {}
    return replace(found, baselines={**found.baselines, **silence.baselines, **stay}, anchors=anchors)


def _star_audited(con: duckdb.DuckDBPyConnection, codes: Codes, ledger: pl.DataFrame, lines: Mapping[str, int]) -> Found:
    """Over a connection of its own, which is closed before the file is opened anew."""
    with con:
        return audit_star(con, codes, ledger, lines)


def _studies(
    con: duckdb.DuckDBPyConnection, release: ReleaseFolder, given: Setting, behind: Records, refusals: Mapping[str, str]
) -> list[StudyResult]:
    """The mart, and what every study publishes from it; `behind`: all records of the women of whom one is kept back; `refusals`: by
    study why it has no numbers.
    """
    project, folders = given.project, (release.share, release.internal)
    simulated = project.registry.is_simulated
    said, longer = project.claims, project.vocabularies.longer_lists
    return publish_studies(
        con, project.studies, *folders, is_simulated=simulated, behind=behind, said=said, refusals=refusals, longer=longer
    )


def _summed(counts: pl.DataFrame) -> pl.DataFrame:
    """The counts of the reading edits over all files, one row per edit."""
    return counts.group_by("edit", "severity").agg(pl.exclude("edit", "severity").sum()).sort("edit")
