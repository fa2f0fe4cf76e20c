"""The methods of a study in words, made from its definition as it was executed and from what was estimated: methods.md.

No sentence is written for one study. Whoever changes a study changes its text; what its files hide is not told, for they are all that is
read beside the definition (no count stands in it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

import polars as pl

from schemas.facts import own_rows
from schemas.primary_site import ANY, DEFAULT
from schemas.study import ENVELOPE, Arm, Step, Study, Variable
from warehouse.methods_stage import stage
from warehouse.methods_times import analyses_used, endpoints, statistics
from warehouse.methods_words import TUMOURS, code, day, listed, percent, plain
from warehouse.stamp import Stamp
from warehouse.suppressing.survival import without_counts
from warehouse.table_2 import months_note

# What the numbers of a study are computed with.
LIBRARIES = ("duckdb", "polars", "lifelines", "scipy", "numpy")
LEFT_TO_AUTHORS = (
    "What is not in this list the files of this release do not answer: why, where and by whom the study was done is for its authors."
)


@dataclass(frozen=True)
class ReleaseFacts:
    """What the release adds to the definition of the study: `line`, which release it is; `notices`, what stands above every table; the
    names of the `files` in which something is shown; `records`, sentences on its records (warehouse.methods_records)."""

    line: str
    notices: Collection[str]
    files: Collection[str]
    records: Collection[str] = ()


def methods(study: Study, frames: Mapping[str, pl.DataFrame], stamp: Stamp, release: ReleaseFacts) -> str:
    """The text in Markdown. `frames`: survival, km, logrank and the others as they stand in the folder, with `table_1_tests` where the
    study asks for it.
    """
    told = {title: list(lines) for title, lines in _sections(study, frames, stamp, release)}
    told = {title: lines for title, lines in told.items() if lines}
    told["Reporting items"] = list(_items({*told, *release.files}))
    above = [f"# Methods: {plain(study.title)}", *(f"**{plain(notice)}.**" for notice in release.notices)]
    parts = [*above, f"{plain(release.line)}.", _origin(study)]
    for title, lines in told.items():
        parts += [f"## {title}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _origin(study: Study) -> str:
    source = f" Source of the cohort: {plain(study.citation)}." if study.citation else ""
    return (
        f"Made from the definition of the study as it was executed (`studies/{study.study}.yml`); no sentence is written by hand.{source}"
    )


def _sections(study: Study, frames: Mapping[str, pl.DataFrame], stamp: Stamp, release: ReleaseFacts) -> Iterator[tuple[str, Iterator[str]]]:
    yield "Records", (f"- {sentence}" for sentence in release.records)
    yield "Population", _population(study, stamp)
    yield "Arms", _arms(study)
    yield "Columns of the study", _columns(study)
    yield "Characteristics", _characteristics(study, frames)
    yield "Endpoints", endpoints(study)
    yield "Missing values and dates", _dates(study, frames)
    yield "Analyses", analyses_used(study)
    yield "Statistics", statistics(study, frames)
    yield "Disclosure", _disclosure(study)
    yield "Software", _software(stamp)


def _population(study: Study, stamp: Stamp) -> Iterator[str]:
    yield f"- Data: registry `{stamp.registry}`, as of {stamp.as_of}, release {stamp.run_id}."
    if study.data_cut_off is not None:
        yield f"- Data cut-off of all times: {study.data_cut_off}. Steps, arms and characteristics are of all that was delivered."
    yield f"- Of each person: {TUMOURS[study.tumour]}, {_organ(study)}. {_without(study)}"
    yield f"- Steps, in this order; who certainly meets one stays ({study.subjects}, one tumour each):"
    yield from (f"  {number}. {_step(study, step)}" for number, step in enumerate(study.steps, start=1))
    yield (
        f"- Held, and in no analysis: {study.subjects} of whom an error in the records keeps back a record that the study reads, unless "
        f"a step excludes them for certain. Over {percent(study.max_held_share)} of those who may be eligible the numbers are refused."
    )


def _without(study: Study) -> str:
    """What is done with those who have no such tumour."""
    none = "Who has no tumour leaves" if ANY in study.primary_site else "Who has none of these sites leaves"
    other = " Without a distant recurrence it is the first." if study.tumour == "first_with_distant_recurrence" else ""
    return f"{none} before the steps (`no_tumour`).{other}"


def _organ(study: Study) -> str:
    site = study.primary_site
    if ANY in site:
        return "of any organ"
    organ = "of the breast" if site == DEFAULT else f"with the topography (ICD-O-3) {listed(site, last='or')}"
    return f"{organ} or of a site that is not known"


def _step(study: Study, step: Step) -> str:
    taken = " Taken as met where the dates leave it open." if step.step in study.assume_met else ""
    return f"{plain(step.label)}{'' if step.keeps_everyone else f': {code(step.keep)}'}.{taken}"


def _arms(study: Study) -> Iterator[str]:
    if len(study.arms) > 1:
        yield "The first arm whose condition is certainly met takes the person; whoever may be in one before it is left out (step `arm`):"
        yield ""
    yield from (f"{number}. {_arm(study, arm)}" for number, arm in enumerate(study.arms, start=1))
    for group in study.subgroups:
        label = next(arm.label for arm in study.arms if arm.arm == group.arm)
        yield f"- Group within {plain(label)}: {plain(group.label)}: {code(group.when)}."


def _arm(study: Study, arm: Arm) -> str:
    decided = f" Decided on the day of: {day(study, arm.decided)}." if arm.decided else ""
    rest = "all others" if len(study.arms) > 1 else "everyone who is left; there is no other arm"
    return f"{plain(arm.label)}: {code(arm.when) if arm.when is not None else rest}.{decided}"


def _columns(study: Study) -> Iterator[str]:
    for one in study.columns:
        value = f" of {code(one.value)}" if one.value else ""
        over = f"over the records of `{one.list}` for which holds {code(one.where)}"
        yield f"- {plain(one.label)} (`{one.column}`): `{one.take}`{value} {over}."


def _characteristics(study: Study, frames: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    yield from (_variable(variable) for variable in study.table_1)
    if study.table_1:
        yield "- Percentages and summaries are of those with a known value; quantiles interpolate linearly, a standard deviation has n - 1."
    if study.table_1_p_values and "table_1_tests" in frames:
        yield from _tests(frames["table_1_tests"])
    elif study.table_1:
        yield "- Characteristics are not tested between the arms."
    if study.table_2 is not None:
        arm = next(arm.label for arm in study.arms if arm.arm == study.table_2.arm)
        yield f"- Table 2 has one row for each person of the arm {plain(arm)}. {months_note(study, study.table_2)}".rstrip()


def _tests(tests: pl.DataFrame) -> Iterator[str]:
    """The tests that stand in the file, and why others do not."""
    used = [name for name in tests["test"].drop_nulls().unique(maintain_order=True) if name]
    if used:
        yield f"- Tests of Table 1: {', '.join(used)}; not adjusted for their number."
    else:
        yield "- Tests of Table 1: none is given."
    reasons = tests.filter(pl.col("test").fill_null("") == "", pl.col("reason").fill_null("") != "")["reason"]
    yield from (f"- Some tests are not given: {without_counts(reason)}." for reason in reasons.unique(maintain_order=True))


def _variable(variable: Variable) -> str:
    levels = f" ({plain(', '.join(variable.levels))})" if variable.levels else ""
    asked = listed(variable.statistics) if variable.value is not None else f"number and per cent of each level{levels}"
    of = f", of those for whom holds {code(variable.of)}" if variable.of else ""
    return f"- {plain(variable.label)}: {code(variable.value or variable.level or '')}, {asked}{of}."


def _dates(study: Study, frames: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    last = study.death_date == "last_contact"
    beyond = ", and no day but by the conventions below" if study.takes_middle or last else ", and no day"
    yield f"- No value is imputed{beyond}. What is not known is counted as missing and is no level."
    yield from stage(study)
    yield "- A date is the interval of days that its text allows (a month, a year, both orders of day and month)."
    yield "- A condition over dates holds where it holds for all days that they allow."
    if not study.takes_middle:
        yield "- A time whose dates leave more than one day open is not estimated, and nothing of its arm is (`date_convention: refuse`)."
    else:
        yield (
            f"- Of a time whose dates leave more than one day open the middle is taken (`date_convention: {study.date_convention}`); "
            f"who has more than {study.max_width_days} days open is left out and counted."
        )
    if study.date_convention == ENVELOPE:
        yield _envelope(study, frames)
    if any("death" in one.dates for one in study.endpoints):
        told = (
            "is taken to be on the day of the last contact" if last else "has no day: a time that ends in it stops the estimate of its arm"
        )
        yield f"- A death without a date {told} (`death_date: {study.death_date}`)."


def _envelope(study: Study, frames: Mapping[str, pl.DataFrame]) -> str:
    """Beside which curves bounds stand: those of arms that change with time have none, and shared files may hide them."""
    there = set(frames["envelope"].drop_nulls("lower")["analysis"]) if "envelope" in frames else set[str]()
    beside = listed([name.replace("_", " ") for name in study.analyses if name in there]) if there else "none, for no file here has any"
    return f"- Least and greatest S(t) over all days that the dates allow (no confidence interval), beside the curves: {beside}."


def _disclosure(study: Study) -> Iterator[str]:
    reason = f" {plain(study.min_cell_reason)}" if study.min_cell_reason else ""
    if study.min_cell == 1:
        yield f"- No count is suppressed (`min_cell: 1`).{reason}"
        return
    yield (
        f"- In what is shared, counts from 1 to {study.min_cell - 1} and whatever would reveal one are suppressed "
        f"(`min_cell: {study.min_cell}`); curves stand at the months of the axis only, probabilities have two decimals.{reason}"
    )
    if study.table_2 is not None and study.table_2.published:
        yield "- Table 2 is shared with one row for each person of its arm (`published: true`), whatever is suppressed elsewhere."


def _software(stamp: Stamp) -> Iterator[str]:
    yield f"- oncomart {stamp.code_version}; {_libraries()}."


@cache
def _libraries() -> str:
    return ", ".join(f"{name} {version(name)}" for name in LIBRARIES)


def _items(there: Collection[str]) -> Iterator[str]:
    """The items of reporting guidelines that the sections and files answer."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in own_rows("warehouse", "reporting_items.csv"):
        if row["answered_by"] in there:
            found.setdefault((row["guideline"], row["item"], row["about"]), []).append(row["answered_by"])
    yield "| Guideline | Item | About | Answered in |"
    yield "|---|---|---|---|"
    yield from (f"| {guideline} | {item} | {about} | {', '.join(places)} |" for (guideline, item, about), places in found.items())
    yield f"\n{LEFT_TO_AUTHORS}"
