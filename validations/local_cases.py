"""The cases of a project's own edits (edit_cases/CODE.yml), held to by `oncomart check`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from schemas.configuration import EDITS
from schemas.core.errors import ConfigurationError, Mistake, did_you_mean
from schemas.core.three_valued import OUTCOMES
from schemas.vocabulary import Vocabularies
from validations.cases import AS_OF, Case, cases_of, records_of
from validations.edit import Edit
from validations.judge import judge
from validations.views.text import KEY

LOCAL_CASES = "edit_cases"


def case_mistakes(project: Path, edits: Iterable[Edit], vocabularies: Vocabularies) -> list[Mistake]:
    """What is wrong with the cases of a project: their form, a case whose edit gives another outcome, a file without its edit.

    An edit without cases is no mistake, but worth a second look (`without_cases`).
    """
    known = {edit.edit: edit for edit in edits}
    found: list[Mistake] = []
    for path in sorted(project.joinpath(LOCAL_CASES).glob("*.yml")):
        if path.stem not in known:
            found.append(Mistake(_name(path), None, f"there is no edit {path.stem} in edits.yml", did_you_mean(path.stem, known)))
            continue
        try:
            cases = cases_of(path)[0]
        except ConfigurationError as error:
            found += [Mistake(_name(path), mistake.line, mistake.message, mistake.hint) for mistake in error.mistakes]
            continue
        if any(case.edit != path.stem for case in cases):
            found.append(Mistake(_name(path), 1, "'edit' is not the code that the file is named after", f"write edit: {path.stem}"))
            continue
        found += _unmet(path, known[path.stem], cases, vocabularies)
    return found


def without_cases(project: Path, edits: Iterable[Edit]) -> list[Mistake]:
    """The edits of a project that nobody has tried out on a record."""
    bare = sorted(edit.edit for edit in edits if not project.joinpath(LOCAL_CASES, f"{edit.edit}.yml").is_file())
    hint = "write small records and the outcome of the first, as docs/edits.md shows"
    return [Mistake(EDITS, None, f"{code} has no cases ({LOCAL_CASES}/{code}.yml)", hint) for code in bare]


def _unmet(path: Path, edit: Edit, cases: list[Case], vocabularies: Vocabularies) -> Iterator[Mistake]:
    records = records_of({str(number): case.given for number, case in enumerate(cases)})
    judged = judge(records, [edit], AS_OF, vocabularies).outcomes[edit.record]
    first = records[edit.record].unique("patient_pseudonym", keep="first", maintain_order=True).select(KEY, "patient_pseudonym")
    rows = first.join(judged.select(KEY, pl.col(edit.edit).alias("code")), on=KEY)
    got = {name: OUTCOMES[code] for name, code in rows.select("patient_pseudonym", "code").iter_rows()}
    for number, case in enumerate(cases):
        word = got.get(str(number), f"no {edit.record}")
        if word != case.outcome:
            yield Mistake(_name(path), case.line, f"the case '{case.case}' gives {word}, not {case.outcome}")


def _name(path: Path) -> str:
    return f"{LOCAL_CASES}/{path.name}"
