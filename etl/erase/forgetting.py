"""`oncomart forget ID`: one person erased from everything under the output folder, and withheld from then on (DESIGN 8).

First it is told what would be done, in counts. Then, under the lock of a run: the list, the landed files, a release without her, and no
other with her. Each step can be done again, so a call that died is made good by calling again, or by the next run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from etl import vault
from etl.erase.every_run import holding, landed_again, purge, withheld_of
from etl.erase.landed import Erasing, by_content, not_looked_through
from etl.erase.who import FORGET, Who, who
from etl.erase.withheld import ERASED, PERSONS, Person, Withheld
from etl.landing.landed import Landing
from etl.landing.manifest import Entry
from etl.options import RunOptions
from etl.outcome import Outcome
from etl.pipeline import run
from etl.progress import Progress
from etl.setting import Setting, setting
from etl.unended import after_death
from schemas.core.errors import ConfigurationError, Mistake, UnreadableError, few
from schemas.project import load_project
from validations.report.numbers import plural
from warehouse.lock import run_lock, usable
from warehouse.publish import current, remove_leftovers
from warehouse.runs import record_run, stored_run

LEFT = "what is not below the output folder is yours to mend: exports, backups, copies of releases, corrections.csv and overrides.csv"
DELIVER = "of what has no other copy (delivery: append, upsert) nothing counts any more: deliver it again, and it is landed without her"


@dataclass(frozen=True)
class Plan:
    """What is to be done, in counts. `dropped`: the names of landed files that cannot be looked through; they are taken away as they are.

    `clean`: by digest of the list with her the contents in which nobody on it was found, so that they are looked through once.
    """

    person: Person
    is_listed: bool
    shared: int
    files: int
    rows: int
    records: int
    releases: int
    makes_anew: bool
    is_linked: bool
    doubtful: int = 0
    taken: int = 0
    unclear: int = 0
    dropped: tuple[str, ...] = ()
    clean: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def told(self) -> str:
        """The counts in words."""
        lines = [
            f"one person, known by {plural(len(self.person.hashes), 'number')}{', on the list already' if self.is_listed else ''}",
            f"  {plural(self.rows, 'row')} ({plural(self.records, 'record')}) in {plural(self.files, 'landed file')}",
            f"  {plural(self.releases, 'release')} made with them {'are' if self.releases != 1 else 'is'} taken away"
            f"{', the current one is made anew without her' if self.makes_anew else ''}",
        ]
        lines += [] if self.is_linked or self.is_listed else ["  no run has linked her: only this number is known"]
        lines += [f"  {self.lost()}", f"  {DELIVER}"] if self.dropped else []
        doubtful = f"  {plural(self.doubtful, 'other person')} may be her, as linkage says (internal/linkage.csv): not erased"
        lines += [doubtful] if self.doubtful else []
        zeros = f"  {plural(self.taken, 'other person')} with a number that equals hers but for zeros at its front: not erased"
        lines += [zeros] if self.taken else []
        nobodys = "with a number of an erased person, and nothing that tells whose it is (NORM-ISSUER): not erased"
        unclear = f"  {plural(self.unclear, 'row')} {nobodys}"
        lines += [unclear] if self.unclear else []
        lines += [f"  {plural(self.shared, 'identifier')} of hers that another person has too: not listed"] if self.shared else []
        return "\n".join(lines)

    def lost(self) -> str:
        """Which landed files go as they are, in words; empty where none does."""
        gone = f"{plural(len(self.dropped), 'landed file')} that cannot be looked through: taken away, with the rows of everybody in it"
        return f"{gone}: {', '.join(few(self.dropped))}" if self.dropped else ""


def plan(folder: Path, out: Path, text: str, source: str | None, *, drop: bool) -> Plan:
    """What would be done for the person with that number. Changes nothing; raises where she is not certain or a file cannot be read."""
    given = _given(folder, out, RunOptions(), Progress(quiet=True))
    with _locked(out):
        erasing = Erasing.of(given, drop=drop)
        found = _listed(erasing, who(given, text, source))
        person = _person(erasing, found.pseudonyms, found.alike)
        before = erasing.withheld
        trial = replace(erasing, withheld=before.having(person))
        return _counted(trial, person, found, is_listed=trial.withheld is before)


def forget(folder: Path, out: Path, planned: Plan, options: RunOptions, progress: Progress, *, drop: bool) -> Outcome | None:
    """Do it. The outcome is that of the run that makes the current release anew; None where there was none."""
    started = datetime.now(UTC)

    def landed(given: Setting) -> Landing:
        _erase(given, planned, drop=drop)
        return landed_again(given)

    if current(out) is None:
        given = _given(folder, out, options, progress)
        with _locked(out):
            _erase(given, planned, drop=drop)
            purge(given)
            _nothing_unpublished(out)
        outcome = None
    else:
        outcome = run(folder, out, _same_day(folder, out, options), progress, landed)
    if outcome is None or not outcome.exit_code:
        _record(out, started, planned)
    return outcome


def listed(out: Path) -> str:
    """How many persons are on the list since when; never who. Raises ConfigurationError where no landed file lies: another folder's list
    would be taken for an empty one."""
    _landed_here(out)
    withheld = withheld_of(out)
    if not withheld:
        return "nobody is erased here"
    days: dict[str, tuple[int, int]] = {}
    for person in withheld.persons:
        persons, known_by = days.get(person.since, (0, 0))
        days[person.since] = persons + 1, known_by + len(person.hashes)
    lines = [f"  {day}  {plural(persons, 'person')}, {plural(known_by, 'number')}" for day, (persons, known_by) in sorted(days.items())]
    left = ["landed files are yet to be looked through: the next run does it"] if withheld.is_pending else []
    return "\n".join([f"{plural(len(withheld.persons), 'person')} erased:", *lines, *left])


def _given(folder: Path, out: Path, options: RunOptions, progress: Progress) -> Setting:
    project = load_project(folder)
    _landed_here(out)
    usable(out)
    return setting(project, out, options, progress, datetime.now(UTC))


def _landed_here(out: Path) -> None:
    if not (out / "landing").is_dir():
        raise ConfigurationError([Mistake(str(out), None, "nothing was landed here", "name another --out")])


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """The lock of a run; one that died before is noted, as a run does."""
    with run_lock(out) as died:
        after_death(out, died)
        yield


def _listed(erasing: Erasing, found: Who) -> Who:
    """The person with those of her numbers that are on the list, where any is; else as she was found.

    Of somebody whom no vault knows the number may be several sources': the one that is in a landed file counts.
    """
    told = pl.Series("pseudonym", found.pseudonyms, dtype=pl.String)
    known = told.filter(erasing.secret.of(told).is_in(list(erasing.withheld.hashes)))
    if found.is_linked or len(found.pseudonyms) == 1:
        return found
    if len(known):
        return replace(found, pseudonyms=tuple(known))
    there = [one for one in found.pseudonyms if _is_there(erasing, (one,))] if _is_there(erasing, found.pseudonyms) else []
    if len(there) > 1:
        hint = "say which with --source"
        raise ConfigurationError([Mistake(FORGET, None, f"{len(there)} different persons have this number", hint)])
    return replace(found, pseudonyms=tuple(there) or found.pseudonyms)


def _is_there(erasing: Erasing, pseudonyms: Sequence[str]) -> bool:
    """Whether a landed file has a row of one of them."""
    trial = replace(erasing, withheld=erasing.withheld.having(_person(erasing, pseudonyms)))
    return any(_rows(trial, entries) for entries in by_content(erasing.given.out))


def _rows(trial: Erasing, entries: Sequence[Entry]) -> int:
    try:
        return trial.look(entries).rows
    except UnreadableError:
        return 0


def _person(erasing: Erasing, pseudonyms: Sequence[str], forms: Mapping[str, Sequence[str]] | None = None) -> Person:
    alike = [one for own in pseudonyms for one in (forms or {}).get(own, ())]
    hashes, others = (erasing.secret.of(pl.Series("pseudonym", told, dtype=pl.String)) for told in (pseudonyms, alike))
    return Person(erasing.given.started.date().isoformat(), tuple(sorted(hashes)), tuple(sorted({*others} - {*hashes})))


def _counted(trial: Erasing, person: Person, found: Who, *, is_listed: bool) -> Plan:
    """The landed files as they would be, none of them written."""
    files = rows = records = unclear = 0
    stuck: list[str] = []
    dropped: list[str] = []
    clean: set[str] = set()
    after: Withheld = trial.withheld
    for entries in by_content(trial.given.out):
        try:
            looked = trial.look(entries)
        except UnreadableError as error:
            after = after.with_file(trial.secret, entries[0].sha256, "", ())
            if not trial.was_taken_away(entries):
                stuck.append(str(error))
                dropped += [entry.name for entry in entries]
            continue
        unclear += looked.unclear
        if looked.cleaned is not None:
            files, rows, records = files + 1, rows + looked.rows, records + looked.records
            after = after.with_file(trial.secret, entries[0].sha256, looked.cleaned.sha256, looked.cleaned.gone)
        elif not looked.known_by:
            clean.add(entries[0].sha256)
    if stuck and not trial.drop:
        raise not_looked_through(stuck)
    if not (found.is_linked or is_listed or files):
        hint = "give it as a source delivers it, or the pseudonym that `oncomart explain` prints; no landed file has it"
        raise ConfigurationError([Mistake(FORGET, None, "no person has this number", hint)])
    now = current(trial.given.out)
    places = list(holding(trial.given.out, after, trial.secret))
    return Plan(
        person, is_listed, found.shared, files, rows, records, len(places), makes_anew=now in places, is_linked=found.is_linked,
        doubtful=found.doubtful, taken=found.taken, unclear=unclear, dropped=tuple(sorted(dropped)),
        clean={trial.withheld.digest: frozenset(clean)},
    )  # fmt: skip


def _erase(given: Setting, planned: Plan, *, drop: bool) -> None:
    erasing = Erasing.of(given, drop=drop, clean=planned.clean)
    erasing.list(planned.person)
    erasing.sweep()


def _nothing_unpublished(out: Path) -> None:
    """What runs left that died before anything was published names her too; the next run makes the vault of what is landed."""
    remove_leftovers(out)
    vault.discard(out)
    (out / vault.NAME).unlink(missing_ok=True)


def _same_day(folder: Path, out: Path, options: RunOptions) -> RunOptions:
    """The options with the day of the release where registry.yml names none: a day later alone changes nothing."""
    day = load_project(folder).registry.as_of
    if day is None and (was := stored_run(current(out)).get("as_of")):
        day = date.fromisoformat(was)
    return replace(options, as_of=day)


def _record(out: Path, started: datetime, planned: Plan) -> None:
    """One line in the history of runs: counts, nothing of her."""
    counts = f"{plural(planned.rows, 'row')} in {plural(planned.files, 'landed file')}, {plural(planned.releases, 'release')} taken away"
    reason = "; ".join(filter(None, (f"one person: {counts}", planned.lost())))
    now = current(out)
    entry = {
        "started": started.isoformat(timespec="seconds"), "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "run_id": now.name if now is not None else "", "exit_code": 0, "outcome": ERASED, "reason": reason, "rows": {},
        PERSONS: len(withheld_of(out).persons),
    }  # fmt: skip
    record_run(out, entry)
