"""The project folder: registry.yml, its contracts and its studies, read and checked as a whole (DESIGN 6).

`load_project` raises one ConfigurationError with every mistake of every file; what it returns needs no further checks.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field as Option

from schemas.checks.claims import read_claims
from schemas.checks.contract import check_contract
from schemas.checks.contract_notices import Conditions, notices
from schemas.checks.linkage_notices import uncompared, without_a_kind
from schemas.checks.organ_notices import of_unsaid_site
from schemas.checks.project import check_contracts, check_registry, contract_notices, misnamed, vocabulary_of
from schemas.checks.study import check_study
from schemas.checks.study_notices import study_notices
from schemas.claims import Claim
from schemas.configuration import EDITS, REGISTRY, configuration_hashes
from schemas.contract import Contract
from schemas.core.errors import ConfigurationError, Mistake, no_folder
from schemas.core.text_file import is_visible, text_of
from schemas.corrections import FILE as CORRECTIONS
from schemas.corrections import Correction, CorrectionsRead, read_corrections, unbound
from schemas.layout import read_layout
from schemas.linkage import SURVIVORSHIP, Linkage, Rule, survivorship_problems
from schemas.model import Hash, Model, Name
from schemas.overrides import FILE as OVERRIDES
from schemas.overrides import Answer, AnswersRead, read_overrides
from schemas.repeats import expand
from schemas.shapes import shaped
from schemas.study import Study
from schemas.vocabulary import Vocabularies
from schemas.worklist import read_worklists
from schemas.yaml_lines import Source, read_yaml


class SourceRule(Model):
    """What the registry expects of one source."""

    required: bool = False
    # A tumour that only such sources tell of is known from a death certificate only, whatever they say of its basis.
    death_certificates: bool = False
    # After how many days (of as-of dates) with the same files the source is told as not delivered anew.
    new_within_days: Annotated[int, Option(ge=1)] = 92


class Registry(Model):
    """registry.yml."""

    registry: Name
    # Names that it had before: releases and a key under them are its own.
    formerly: tuple[Name, ...] = ()
    title: str
    is_simulated: bool
    exports: str = "exports"
    as_of: datetime.date | None = None
    key: Literal["file", "public_example"] = "file"
    sources: Annotated[dict[Name, SourceRule], Option(min_length=1)]
    trust: tuple[str, ...] = ()
    linkage: Linkage = Linkage()
    survivorship: dict[str, Rule] = Option(default={})
    releases_kept: Annotated[int, Option(ge=1)] = 3
    # What becomes of a text with a word beside the value that no list knows, in the domains that read such a text.
    unlisted_words: Literal["read", "refuse"] = "read"
    # The group of this machine that may read the warehouse.
    group: str | None = None
    studies: tuple[str, ...] = ()
    # By expectation: `min`, `max`, `critical` in place of the built-in ones (docs/operating.md).
    thresholds: dict[str, dict[str, bool | int | float]] = Option(default={})
    # By expectation: the release whose counts are the new normal (docs/expectations.md; validations/expecting/checks.py).
    accepted: dict[str, Hash] = Option(default={})

    def problems(self) -> Iterator[str]:
        """Rules of survivorship that mean nothing."""
        yield from survivorship_problems(dict(self.survivorship))

    @property
    def surviving(self) -> dict[str, Rule]:
        """What decides between sources, by `record.column`: the defaults where registry.yml says nothing else."""
        return {**SURVIVORSHIP, **self.survivorship}

    @property
    def certificates(self) -> tuple[str, ...]:
        """The sources that tell of deaths."""
        return tuple(name for name, rule in self.sources.items() if rule.death_certificates)

    def trust_rank(self, source: str) -> int:
        """Place of a source in the order of trust, 0 the most trusted; sources not named there come last."""
        return self.trust.index(source) if source in self.trust else len(self.trust)


@dataclass(frozen=True)
class Project:
    """One project folder, checked. `notices` are no mistakes, but worth a second look."""

    folder: Path
    registry: Registry
    contracts: tuple[Contract, ...]
    studies: tuple[Study, ...]
    vocabularies: Vocabularies
    notices: tuple[Mistake, ...] = ()
    corrections: tuple[Correction, ...] = ()
    # overrides.csv, then the answers of the work lists that came back.
    answers: tuple[Answer, ...] = ()
    # What is wrong with the lines and rows of these files that are not applied.
    unusable: tuple[Mistake, ...] = ()
    # registry.yml as it was read, for mistakes that are found later.
    source: Source | None = None
    # What is wrong with the lines of corrections.csv that are not applied.
    unusable_corrections: tuple[Mistake, ...] = ()
    # What publications say, by study (claims/STUDY.csv).
    claims: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    # SHA-256 of the files of the configuration by relative path, taken before they were read.
    hashes: Mapping[str, str] | None = None

    @property
    def exports(self) -> Path:
        """Folder where the exports arrive."""
        return self.folder / self.registry.exports

    @property
    def local_edits(self) -> Path | None:
        """The project's own edits, where it has any."""
        path = self.folder / EDITS
        return path if path.is_file() else None

    @property
    def contract_names(self) -> tuple[str, ...]:
        """What may stand for the files of a contract."""
        return tuple(contract.contract for contract in self.contracts)

    def files(self) -> list[tuple[str, str]]:
        """Relative path and SHA-256 (hex) of each file of the configuration, sorted by path (a folder in its place: that of nothing).

        As they were before they were read: a line that is written while a run works counts in the next one, which must not take the
        release for its own.
        """
        studies = {f"studies/{study.study}.yml" for study in self.studies}
        hashed = configuration_hashes(self.folder) if self.hashes is None else self.hashes
        return sorted((name, sha256) for name, sha256 in hashed.items() if name in studies or not name.startswith("studies/"))


def load_project(folder: Path) -> Project:
    """The project in `folder`; raises ConfigurationError with all mistakes of all its files."""
    if not (folder / REGISTRY).is_file():
        is_there = folder.is_dir()
        where = f"there is no {REGISTRY} in the project folder '{folder}'" if is_there else no_folder(folder, "project folder")
        raise ConfigurationError([Mistake(REGISTRY, None, where, "name the folder with --project; docs/contracts.md says what it holds")])
    hashes = configuration_hashes(folder)
    vocabularies, mistakes = vocabulary_of(folder)
    registry_source = _read(folder, folder / REGISTRY)
    registry = shaped(registry_source, Registry)
    contracts = [_contract(folder, source) for source in _all(folder, "contracts")]
    studies = [(source, shaped(source, Study)) for source in _all(folder, "studies")]
    conditions = _check((registry_source, registry), contracts, studies, vocabularies)
    mistakes += check_contracts(contracts)
    mistakes += [mistake for source in (registry_source, *(s for s, _ in (*contracts, *studies))) for mistake in source.mistakes]
    corrected = _corrections(folder, [contract for _, contract in contracts if contract is not None], vocabularies)
    said = _answers(folder)
    claims, wrong = read_claims(folder, {Path(source.file).stem: study for source, study in studies}, vocabularies)
    mistakes += [*misnamed(folder), *corrected.mistakes, *said.mistakes, *wrong]
    if mistakes or registry is None or vocabularies is None:
        raise ConfigurationError(mistakes)
    read = [(source, contract) for source, contract in contracts if contract is not None]
    planned = [(source, study) for source, study in studies if study is not None]
    by_name = {study.study: study for _, study in planned}
    return Project(
        folder=folder,
        registry=registry,
        contracts=tuple(contract for _, contract in read),
        studies=tuple(by_name[name] for name in registry.studies),
        vocabularies=vocabularies.refusing_unlisted() if registry.unlisted_words == "refuse" else vocabularies,
        notices=(
            *_notices((registry_source, registry), read, planned, conditions),
            *unbound(corrected.corrections),
            *corrected.unusable,
            *said.unusable,
        ),
        corrections=corrected.corrections,
        answers=said.answers,
        unusable=said.unusable,
        source=registry_source,
        unusable_corrections=corrected.unusable,
        claims=claims,
        hashes=hashes,
    )


def _check(
    registry: tuple[Source, Registry | None],
    contracts: Sequence[tuple[Source, Contract | None]],
    studies: Sequence[tuple[Source, Study | None]],
    vocabularies: Vocabularies | None,
) -> Mapping[str, Conditions]:
    """Report in its source every mistake that the models alone cannot see; a file whose shape is too broken is passed over.

    Returns by file of a contract the conditions of its rules.
    """
    source, read = registry
    sources = frozenset(read.sources) if read is not None else None
    conditions = {one.file: check_contract(one, contract, vocabularies, sources) for one, contract in contracts if contract is not None}
    for of_study, study in studies:
        if study is not None:
            check_study(of_study, study, vocabularies)
    if read is not None:
        check_registry(source, read, [of_study.file for of_study, _ in studies], contracts)
    return conditions


def _notices(
    registry: tuple[Source, Registry],
    contracts: Sequence[tuple[Source, Contract]],
    studies: Sequence[tuple[Source, Study]],
    conditions: Mapping[str, Conditions],
) -> Iterator[Mistake]:
    """What is no mistake in the registry, the contracts and the studies, but worth a second look."""
    of_registry, named = registry
    yield from uncompared(of_registry, named.linkage, [contract for _, contract in contracts])
    yield from without_a_kind(contracts)
    yield from contract_notices(contracts)
    for source, contract in contracts:
        yield from notices(source, contract, conditions[source.file])
    for source, study in studies:
        yield from study_notices(source, study, named.as_of)
        yield from of_unsaid_site(source, study, [contract for _, contract in contracts])
    for source, study in studies:
        if study.study not in named.studies:
            listed = ", ".join((*named.studies, study.study))
            yield Mistake(source.file, 1, f"this study is not published: {REGISTRY} does not name it", f"studies: [{listed}]")


def _read(folder: Path, path: Path) -> Source:
    return read_yaml(path.relative_to(folder).as_posix(), path.read_bytes())


def _contract(folder: Path, source: Source) -> tuple[Source, Contract | None]:
    """One contract with its repeats written out and its layout read."""
    expand(source)
    contract = shaped(source, Contract)
    if contract is None or contract.format.layout is None:
        return source, contract
    layout, mistakes = read_layout(folder / "contracts" / contract.format.layout, f"contracts/{contract.format.layout}")
    source.mistakes += mistakes
    return source, contract.with_layout(layout)


def _all(folder: Path, kind: str) -> Iterator[Source]:
    """Each YAML file of one sub-folder, in the order of names."""
    for path in sorted((folder / kind).glob("*.yml")):
        if is_visible(path):
            yield _read(folder, path)


def _corrections(folder: Path, contracts: Sequence[Contract], vocabularies: Vocabularies | None) -> CorrectionsRead:
    """The reviewed corrections of the project, none where it has no such file."""
    text, mistakes = _text(folder, CORRECTIONS)
    return CorrectionsRead(mistakes=tuple(mistakes)) if text is None else read_corrections(text, contracts, vocabularies)


def _answers(folder: Path) -> AnswersRead:
    """What people have said of findings: overrides.csv, then the work lists."""
    text, mistakes = _text(folder, OVERRIDES)
    overrides = AnswersRead(mistakes=tuple(mistakes)) if text is None else read_overrides(text)
    return overrides + read_worklists(folder)


def _text(folder: Path, name: str) -> tuple[str | None, list[Mistake]]:
    """The text of a file that a project need not have."""
    path = folder / name
    return text_of(path, name) if path.is_file() else (None, [])
