"""What a release knows of those before it, and what it hands on to the next (DESIGN 2.1).

Everything here derives from the release that is current while the run works: it stands outside run_id and content_hash and
decides at most whether to publish. Each file is copied forward, so that old releases may be deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from etl.nights import delivered_anew
from etl.nights.delivered_anew import Known
from etl.nights.own_releases import damaged, stored
from schemas.core.frames import EDIT_COUNTS, empty
from validations import edit_history
from validations.edit_history import EDIT_HISTORY, RELEASES
from validations.expectations import Expectations
from validations.expecting.accepted import with_accepted
from validations.expecting.accepted_parts import with_wholes
from validations.expecting.anchor import ANCHORS, Anchors, Compared, accepting, anchors_frame, anchors_from
from validations.expecting.baseline import BASELINES, VOLUMES, Baseline, Counted, all_from, as_frame, from_frame
from validations.expecting.drift import SHARES
from validations.expecting.rules import compared_rules, rules, silence_rule
from validations.finding_history import MOVED, SEEN, dated, moved, seen_by_now
from validations.report.csv_files import marked, write_findings
from validations.silence import by_edit, last_heard
from warehouse.digits import all_given
from warehouse.publish import REFUSED, ReleaseFolder, current
from warehouse.publish import RELEASES as RELEASES_FOLDER
from warehouse.runs import stored_run

FOUND, STOOD, CODES = "internal/findings.csv", "internal/findings_seen.parquet", "internal/category_counts.csv"
BASE, ANCHORED = "internal/baselines.csv", "internal/anchors.csv"
EDITS, MEASURES, COUNTED = "share/quality/edit_history.csv", "share/quality/release_history.csv", "share/quality/edits.csv"


@dataclass(frozen=True)
class Before:
    """What the release before this one hands on; empty where there is none.

    `run`: its run.json. `seen`: SEEN. `edits`: EDIT_HISTORY. `releases`: RELEASES. `baselines`, `anchors`: what each expectation is
    compared with. `last`: its own volumes. `warehouse`: its warehouse file. `files`: since when each file is known.
    """

    run: Mapping[str, Any] = field(default_factory=dict)
    seen: pl.DataFrame = field(default_factory=lambda: empty(SEEN))
    edits: pl.DataFrame = field(default_factory=lambda: empty(EDIT_HISTORY))
    releases: pl.DataFrame = field(default_factory=lambda: empty(RELEASES))
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    anchors: Anchors = field(default_factory=Anchors)
    warehouse: Path | None = None
    files: Known = field(default_factory=dict)
    last: Mapping[str, Baseline] = field(default_factory=dict)

    @property
    def compared(self) -> Compared:
        """What each expectation is compared with."""
        return self.baselines, self.anchors


@dataclass(frozen=True)
class History:
    """What this release tells of itself and of those before it: `findings` with first_seen and status, and the two
    histories with this release as the last.
    """

    findings: pl.DataFrame
    seen: pl.DataFrame
    edits: pl.DataFrame
    releases: pl.DataFrame


def before(out: Path, accepted: Mapping[str, str] | None = None, thresholds: Mapping[str, Mapping[str, Any]] | None = None) -> Before:
    """What the current release hands on. One of an older version lacks some files: then that part of the history begins anew.

    `accepted`: by expectation the release that registry.yml accepts as the new normal. `thresholds`: its limits, by expectation.
    """
    release = current(out)
    run = stored_run(release)
    if release is None or not run:
        return Before()
    place = {"release_no": 1, "run_id": str(run.get("run_id", release.name)), "as_of": str(run.get("as_of", ""))}
    edits = _edits(release, place)
    baselines, anchors = _compared(out, release, edits, accepted or {}, thresholds or {})
    return Before(
        run, _seen(release), edits, _csv(release / MEASURES, RELEASES), baselines, anchors, release / "warehouse.duckdb",
        delivered_anew.known(release, run), _volumes(release, baselines, thresholds or {}),
    )  # fmt: skip


def of_release(
    earlier: Before, run_id: str, as_of: str, *,
    findings: pl.DataFrame, counts: pl.DataFrame, measures: Mapping[str, int], silent: Collection[str] = (),
) -> History:  # fmt: skip
    """The history up to this release. findings: with finding_id and status; counts: EDIT_COUNTS; measures: what is counted of a
    release; silent: the edits that fell silent.
    """
    told = dated(findings, earlier.seen, as_of)
    moves = moved(told, earlier.seen)
    place = {"release_no": edit_history.next_number(earlier.edits), "run_id": run_id, "as_of": as_of}
    summed = {f"findings{_suffix(name)}": int(moves[name].sum()) for name in ("standing", "new", "returned", "gone")}
    return History(
        told,
        seen_by_now(told, earlier.seen),
        edit_history.with_edits(earlier.edits, place, counts, moves, silent),
        edit_history.with_measures(earlier.releases, place, {**measures, **summed}),
    )


def changed_numbers(earlier: Before, warehouse: Path) -> dict[str, int]:
    """How many numbers the studies publish, and how many of them are new, gone or have another value than before."""
    now = _numbers(warehouse)
    if now is None:
        return {}
    last = _numbers(earlier.warehouse) if earlier.warehouse is not None else None
    if last is None:
        return {"numbers": now.height}
    both = now.join(last, on="number_id", how="full", coalesce=True, suffix="_before").with_columns(
        pl.col("there", "there_before").fill_null(value=False)
    )
    differs = (pl.col("there") != pl.col("there_before")) | pl.col("value").ne_missing(pl.col("value_before"))
    return {"numbers": now.height, "numbers_changed": both.filter(differs).height}


def write(release: ReleaseFolder, history: History, expected: Expectations, *, is_simulated: bool) -> None:
    """findings.csv and .parquet, and the files that the next release reads; those under share/ say where they are simulated."""
    write_findings(release.path / FOUND, history.findings)
    history.seen.write_parquet(release.path / STOOD)
    rows = [(name, code, n) for name, codes in sorted(expected.shares.items()) for code, n in sorted(codes.items())]
    _write(release.path / CODES, pl.DataFrame(rows, schema=SHARES, orient="row"))
    _write(release.path / BASE, as_frame(expected.baselines))
    _write(release.path / ANCHORED, anchors_frame(expected.anchors))
    _write(release.path / EDITS, marked(history.edits, is_simulated=is_simulated))
    _write(release.path / MEASURES, marked(history.releases, is_simulated=is_simulated))


def _suffix(name: str) -> str:
    return "" if name == "standing" else f"_{name}"


def _numbers(warehouse: Path) -> pl.DataFrame | None:
    """number_id and value of one release, with the digits that are published (earlier versions kept more); None where its warehouse
    cannot be asked (deleted, or of another version).
    """
    try:
        with duckdb.connect(str(warehouse), read_only=True) as con:
            rows = con.sql("select number_id, value from mart_number").fetchall()
    except duckdb.Error:
        return None
    found = pl.DataFrame(rows, schema={"number_id": pl.String, "value": pl.Float64}, orient="row")
    return found.with_columns(all_given(found["value"]), there=pl.lit(True))


def _seen(release: Path) -> pl.DataFrame:
    if (release / STOOD).is_file():
        try:
            return pl.read_parquet(release / STOOD).select(SEEN.keys())
        except pl.exceptions.PolarsError as error:
            raise damaged(release / STOOD) from error
    if not (release / FOUND).is_file():
        return empty(SEEN)
    found = pl.read_csv(release / FOUND, columns=["finding_id", "edit", "first_seen"], infer_schema=False)
    return found.with_columns(is_standing=pl.lit(True)).select(SEEN.keys())


def _edits(release: Path, place: Mapping[str, object]) -> pl.DataFrame:
    if (release / EDITS).is_file():
        return _csv(release / EDITS, EDIT_HISTORY)
    counts = _csv(release / COUNTED, EDIT_COUNTS)
    return edit_history.with_edits(empty(EDIT_HISTORY), place, counts, empty(MOVED)) if counts.height else empty(EDIT_HISTORY)


def _compared(
    out: Path, release: Path, edits: pl.DataFrame, accepted: Mapping[str, str], thresholds: Mapping[str, Mapping[str, Any]]
) -> Compared:
    """What each expectation is compared with, after what registry.yml accepts. edits: EDIT_HISTORY up to that release.

    A release of an older version has no anchors, and edits only in their history: what it has is where they begin.
    """
    known = rules(thresholds)
    base = from_frame(_csv(release / BASE, BASELINES)) if (release / BASE).is_file() else all_from(known, _counted(release))
    silence = f"{silence_rule({}).name}."
    if not any(name.startswith(silence) for name in base):
        base |= {f"{silence}{edit}": one for edit, one in last_heard(edits).items()}
    anchors = anchors_from(_csv(release / ANCHORED, ANCHORS)) if (release / ANCHORED).is_file() else Anchors(base)

    @cache
    def counted(run_id: str) -> Counted | None:
        return _counted_by_name(out, run_id)

    parts = [name for name in sorted({*base, *anchors.old}) if "." in name]
    every = (*known, *compared_rules(parts, thresholds))
    # what stops the publish is accepted by its own name
    growth = [rule for rule in every if rule.kind in VOLUMES and rule.minimum is None]
    found = with_wholes(with_accepted(base, accepted, every, counted), base, growth, counted)
    return found, accepting(anchors, accepted, every, counted, thresholds)


def _volumes(release: Path, baselines: Mapping[str, Baseline], thresholds: Mapping[str, Mapping[str, Any]]) -> dict[str, Baseline]:
    """What the release counted of each table and source for which it is no measure itself, and registry.yml has accepted none since."""
    handed_on = from_frame(_csv(release / BASE, BASELINES))
    parts = compared_rules([name for name in sorted(baselines) if "." in name], thresholds)
    last = all_from([rule for rule in (*rules(thresholds), *parts) if rule.kind in VOLUMES], _counted(release))
    stood = {name for name, one in handed_on.items() if name in baselines and baselines[name].run_id == one.run_id}
    return {name: one for name, one in last.items() if name in stood and handed_on[name].run_id != one.run_id}


def _counted(release: Path) -> Counted:
    """What a release counted for the expectations."""
    run = stored_run(release)
    name, as_of, started = (str(run.get(key, other)) for key, other in (("run_id", release.name), ("as_of", ""), ("started", "")))
    edits = by_edit(_csv(release / COUNTED, EDIT_COUNTS))
    return Counted(name, as_of, run.get("expectations", {}), _shares(release / CODES), edits, started)


def _counted_by_name(out: Path, run_id: str) -> Counted | None:
    """What the release of that name counted, published or refused; None where it is not kept any more."""
    found = (out / kind / run_id for kind in (RELEASES_FOLDER, REFUSED) if (out / kind / run_id / "run.json").is_file())
    return next((_counted(release) for release in found), None)


def _shares(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, code, n in _csv(path, SHARES).iter_rows():
        found.setdefault(name, {})[code] = n
    return found


def _csv(path: Path, schema: dict[str, Any]) -> pl.DataFrame:
    """The columns of `schema` in one of our files; an empty frame where there is none. Raises RefusedError where it is damaged."""
    if not path.is_file():
        return empty(schema)
    found = stored(path, schema)
    if "n" in schema and found["n"].null_count():  # cut off within a row
        raise damaged(path)
    return found


def _write(path: Path, frame: pl.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_csv(path, line_terminator="\n")
