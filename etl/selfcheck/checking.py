"""`oncomart selfcheck`: the line is run on the project's own exports, changed in ways whose effect is known (metamorphic checks).

Everything happens in a scratch folder, which is removed at the end; the output folder is only read.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from etl.landing.landed import LandedFile, landed_file
from etl.landing.manifest import by_content, manifest_path, read_manifest
from etl.nights.own_releases import current_run
from etl.progress import Progress
from etl.selfcheck.certain import judged
from etl.selfcheck.laws import LAWS, OF_PEOPLE, Law, Made, NotApplicableError, people_left
from etl.selfcheck.sample import Sample, sampled
from etl.selfcheck.times import NAME, shift
from etl.selfcheck.tried import Scratch, behind, differences, star_rows, tried
from schemas.contract import Contract
from schemas.core.errors import ConfigurationError, Mistake, RefusedError, did_you_mean
from schemas.corrections import FILE as CORRECTIONS
from schemas.keys import identifier_key
from schemas.project import Project, load_project
from validations.load import load_edits
from validations.report.numbers import plural
from warehouse.differing.sides import Side
from warehouse.publish import current, nothing_published

HELD, BROKEN, NOT_APPLICABLE = "held", "broken", "not applicable"


@dataclass(frozen=True)
class Verdict:
    """What came of one law; `told`: what was changed and compared, or what is broken, or why it could not be tried."""

    law: Law
    verdict: str
    told: Sequence[str]


@dataclass(frozen=True)
class Trial:
    """What every law is tried on: the sample, what the line makes of it, the contract of each file, and the seed of what chance decides."""

    sample: Sample
    base: Side
    contracts: Mapping[str, Contract]
    seed: int


@dataclass(frozen=True)
class Checked:
    """What came of all laws; `notes`: what they were tried on."""

    notes: Sequence[str]
    verdicts: Sequence[Verdict]

    @property
    def exit_code(self) -> int:
        """0 where every law that could be tried held, else 3."""
        return 3 if any(one.verdict == BROKEN for one in self.verdicts) else 0


@dataclass(frozen=True)
class Asked:
    """What the user asks for: on how many persons, with which seed, which laws (all where none is named)."""

    women: int = 300
    seed: int = 1
    laws: Sequence[str] = ()


def selfcheck(folder: Path, out: Path, asked: Asked, progress: Progress) -> Checked:
    """The verdicts of the laws on the delivery of the current release.

    Raises ConfigurationError where the call or the project is wrong or nothing is published, RefusedError where the line makes nothing
    of the sample.
    """
    chosen = _named(asked.laws)
    if asked.women < 1:
        raise ConfigurationError([Mistake("--women", None, "is not a number of persons")])
    project, release = load_project(folder), current(out)
    if release is None or not release.is_dir():
        raise nothing_published(out)
    run = current_run(project, out)
    identifier_key(project, releases_exist=True)
    landed = _landed(project, out, run["inputs"]["landed"])
    progress.begin("selfcheck")
    with TemporaryDirectory(prefix="oncomart-selfcheck-") as place:
        scratch = Scratch(Path(place), _project(project, Path(place) / "project"), date.fromisoformat(run["as_of"]))
        with progress.stage("sample"):
            sample = sampled(release, landed, asked.women, asked.seed)
            sample.write(scratch.folder / "exports")
            base = _base(scratch)
        verdicts = []
        for law in chosen:
            with progress.stage(law.law):
                verdicts.append(verdict(law, scratch, Trial(sample, base, {file.name: file.contract for file in landed}, asked.seed)))
    return Checked(_notes(sample, project), verdicts)


def _base(scratch: Scratch) -> Side:
    try:
        return tried(scratch, "out", scratch.folder / "exports")
    except RefusedError as error:
        raise RefusedError(f"the sample cannot be tried: {error}; try more --women, or another --seed") from error


def verdict(law: Law, scratch: Scratch, trial: Trial) -> Verdict:
    """One law on one sample."""
    try:
        return OWN[law.law](law, scratch, trial) if law.made is None else _of_variant(law, law.made, scratch, trial)
    except NotApplicableError as reason:
        return Verdict(law, NOT_APPLICABLE, [str(reason)])
    except RefusedError as error:
        return Verdict(law, BROKEN, [str(error)])


def _of_variant(law: Law, make: Made, scratch: Scratch, trial: Trial) -> Verdict:
    """What the line makes of the sample and of a changed one. What it made is removed at once."""
    exports, made, base = scratch.folder / f"{law.law}_exports", scratch.folder / law.law, trial.base
    try:
        variant = make(trial.sample, trial.contracts, random.Random(trial.seed))
        trial.sample.write(exports, variant.texts)
        other = tried(scratch, law.law, exports)
        found = differences(base, other)
        broken = [*law.broken(found, variant)]
        if variant.removed:
            broken += people_left(behind(base, other, OF_PEOPLE), variant.removed)
    finally:
        shutil.rmtree(exports, ignore_errors=True)
        shutil.rmtree(made, ignore_errors=True)
    changed = plural(variant.n, "person" if variant.removed else "file")
    what = f"{changed} changed, {plural(star_rows(base), 'row')} of the star and {plural(found.compared, 'number')} compared"
    return Verdict(law, BROKEN if broken else HELD, broken or [what])


def _of_days(law: Law, scratch: Scratch, trial: Trial) -> Verdict:
    project = load_project(scratch.project)
    edits = load_edits(project.local_edits, project.vocabularies)
    found = judged(trial.base, edits, scratch.as_of, project.vocabularies, trial.seed)
    if not found.forgotten:
        return Verdict(law, NOT_APPLICABLE, ["no record has a day on the calendar"])
    what = f"{found.forgotten:,} days forgotten, {found.compared:,} outcomes of edits compared"
    return Verdict(law, BROKEN if found.broken else HELD, [*found.told()] or [what])


def _of_times(law: Law, scratch: Scratch, trial: Trial) -> Verdict:
    found = shift(scratch, trial.sample, trial.contracts)
    return Verdict(law, BROKEN if found.broken else HELD, [*found.broken, *found.told()])


OWN: Mapping[str, Callable[[Law, Scratch, Trial], Verdict]] = {"days_forgotten": _of_days, NAME: _of_times}


def render(checked: Checked) -> str:
    """The verdicts as text: law, verdict, what it says; below each what was compared, or what is broken."""
    lines = [*checked.notes, ""]
    for one in checked.verdicts:
        lines.append(f"{one.verdict:<14}  {one.law.law}: {one.law.says}")
        lines += [f"{'':<16}{told}" for told in one.told]
    n = {word: sum(one.verdict == word for one in checked.verdicts) for word in (HELD, BROKEN, NOT_APPLICABLE)}
    return "\n".join([*lines, "", ", ".join(f"{count} {word}" for word, count in n.items())])


def _named(laws: Iterable[str]) -> tuple[Law, ...]:
    known = {law.law: law for law in LAWS}
    hints = {name: did_you_mean(name, known) or f"one of {', '.join(known)}" for name in laws if name not in known}
    wrong = [Mistake("--law", None, f"there is no law {name}", hint) for name, hint in hints.items()]
    if wrong:
        raise ConfigurationError(wrong)
    return tuple(law for law in LAWS if law.law in laws) or LAWS


def _landed(project: Project, out: Path, files: Iterable[Mapping[str, str]]) -> list[LandedFile]:
    """The files of the release, by today's contracts; raises ConfigurationError where a copy or a contract is gone."""
    contracts = {contract.contract: contract for contract in project.contracts}
    known, folder, found, gone = by_content(read_manifest(out)), manifest_path(out).parent, [], []
    for file in files:
        entry = known.get((file["name"], file["sha256"]))
        if entry is None or file["contract"] not in contracts or not entry.path(folder).is_file():
            gone.append(Mistake(file["name"], None, "its landed copy or its contract is gone", "run `oncomart run` first"))
        else:
            found.append(landed_file(folder, entry, contracts[file["contract"]], "goes_on"))
    if gone:
        raise ConfigurationError(gone)
    return found


def _project(project: Project, place: Path) -> Path:
    """A copy of what a release is a function of in the project folder, without corrections: they name lines, and lines move."""
    for name in (name for name, _ in project.files() if name != CORRECTIONS):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project.folder / name, place / name)
    return place


def _notes(sample: Sample, project: Project) -> list[str]:
    whole = sample.n == sample.of
    n = f"all {sample.of:,} persons of the current release" if whole else f"{sample.n:,} of {sample.of:,} persons of the current release"
    notes = [f"tried on {n}, {plural(len(sample.texts), 'text export')}"]
    notes += [f"taken as it is: {name} {why}" for name, (_, why) in sorted(sample.whole.items())]
    return notes + ([f"{CORRECTIONS} is left out: it names lines, and lines move"] if project.corrections else [])
