"""The methods text of a study: each sentence follows what was executed, so that a changed study, or a changed result, changes it."""

from __future__ import annotations

import datetime
from typing import Any

import duckdb
import polars as pl
import pytest
from small_registry import INCIDENCE, SURVIVAL, study

from schemas.study import Arm, Competing, Endpoint, ListColumn, Step, Study, Subgroup, Table2, Variable
from schemas.study_column import StudyColumn
from warehouse.methods import ReleaseFacts, methods
from warehouse.methods_records import ALWAYS, CORRECTED, OVERRIDDEN, records
from warehouse.methods_words import code
from warehouse.stamp import Stamp
from warehouse.survival.comparisons import COX, LOGRANK
from warehouse.survival.cuminc import CUMINC
from warehouse.survival.envelope_rows import ENVELOPES
from warehouse.survival.estimate import KM
from warehouse.survival.estimate import SURVIVAL as TIMES
from warehouse.table_1_tests import COLUMNS as TESTS

STAMP = Stamp("small", "tiny", "0" * 12, "2018-01-01", "0.1.0+abc")
EMPTY = {"survival": TIMES, "km": KM, "logrank": LOGRANK, "cox": COX, "cuminc": CUMINC, "table_1_tests": TESTS, "envelope": ENVELOPES}
ARMS = (
    {"arm": "operated", "label": "Operated", "when": "has_metastasectomy", "decided": "metastasectomy"},
    {"arm": "rest", "label": "The rest", "residual": True},
)
STAGE = {"variable": "stage", "label": "Stage", "level": "stage_code"}
LESIONS = {
    "column": "lesions",
    "label": "Lesions",
    "list": "event",
    "where": "organ_code = 'brain'",
    "take": "sum",
    "value": "lesion_count",
}
DERIVED = "it is derived from T, N and M at diagnosis by the edition of TNM (of tumours of the breast)."
TABLE = {"arm": "operated", "order_by": "stage_code", "columns": ({"column": "a", "label": "A", "text": "stage_code"},)}
DEATH = {"competing": "death", "label": "Death", "event": "vital_status_code = 'dead'", "end": ("death",)}


def text(made: Study, files: tuple[str, ...] = (), **rows: list[dict[str, Any]]) -> str:
    frames = {name: pl.DataFrame(rows.get(name, []), schema=schema) for name, schema in EMPTY.items()}
    return methods(made, frames, STAMP, ReleaseFacts(STAMP.line(), (), files))


def of(**changes: Any) -> str:
    return text(study(endpoints=(SURVIVAL | changes.pop("endpoint", {}),), **changes))


ROWS = {"arm": "operated", "published": True, "order_by": "age_years", "columns": ({"column": "a", "label": "A", "text": "age_years"},)}
# What is changed in a study that has one endpoint, and what its text then says.
SAID: list[tuple[dict[str, Any], str]] = [
    ({"title": "What became of them"}, "# Methods: What became of them"),
    ({"study": "other"}, "(`studies/other.yml`)"),
    ({"citation": "Audit 2026"}, "Source of the cohort: Audit 2026."),
    ({"subjects": "patients"}, "who certainly meets one stays (patients, one tumour each):"),
    ({"days_per_month": 30.4375}, "a month is 30.4375 days."),
    ({"min_cell": 1, "min_cell_reason": "Nobody exists."}, "No count is suppressed (`min_cell: 1`). Nobody exists."),
    ({"min_cell": 10, "min_cell_reason": None}, "counts from 1 to 9 and whatever would reveal one are suppressed (`min_cell: 10`)"),
    ({"min_cell": 5, "min_cell_reason": None, "table_2": ROWS}, "- Table 2 is shared with one row for each person of its arm"),
    ({"max_held_share": 0.1}, "Over 10.0% of those who may be eligible the numbers are refused."),
    ({"max_held_share": 0.0004}, "Over 0.04% of those who may be eligible the numbers are refused."),
    ({"title": "A <b>`b`</b> | *c* _d_ e_f"}, "# Methods: A \\<b\\>\\`b\\`\\</b\\> \\| \\*c\\* \\_d\\_ e_f\n"),
    ({"steps": ({"step": "old", "label": "1. # <x>", "keep": "age_years > 60"},)}, "  1. 1\\. # \\<x\\>: `age_years > 60`."),
    ({"steps": ({"step": "old", "label": "Old", "keep": "age_years\n  > 60"},)}, "Old: `age_years > 60`."),
    ({"arms": (ARMS[1],), "comparisons": ()}, "1. The rest: everyone who is left; there is no other arm."),
    ({"date_convention": "refuse"}, "- No value is imputed, and no day. What is not known is counted as missing and is no level."),
    ({"date_convention": "refuse"}, "is not estimated, and nothing of its arm is (`date_convention: refuse`)."),
    ({"date_convention": "midpoint"}, "- No value is imputed, and no day but by the conventions below."),
    ({"date_convention": "midpoint"}, "(`date_convention: midpoint`); who has more than 730 days open is left out and counted."),
    ({"date_convention": "midpoint", "max_width_days": 90}, "who has more than 90 days open is left out"),
    (
        {"date_convention": "envelope"},
        "- Least and greatest S(t) over all days that the dates allow (no confidence interval), beside the curves: none",
    ),
    ({"death_date": "delivered"}, "- A death without a date has no day: a time that ends in it stops the estimate of its arm"),
    ({"death_date": "last_contact"}, "A death without a date is taken to be on the day of the last contact"),
    ({"primary_site": ("C18", "C19")}, "the first tumour, with the topography (ICD-O-3) C18 or C19 or of a site that is not known."),
    ({"primary_site": ("any",)}, "- Of each person: the first tumour, of any organ."),
    (
        {"tumour": "first_with_distant_recurrence"},
        "the first tumour with a distant recurrence, of the breast or of a site that is not known.",
    ),
    ({"columns": (LESIONS,)}, "`sum` of `lesion_count` over the records of `event` for which holds `organ_code = 'brain'`."),
    ({"steps": ({"step": "old", "label": "Old", "keep": "age_years > 60"},)}, "  1. Old: `age_years > 60`.\n"),
    (
        {"steps": ({"step": "old", "label": "Old", "keep": "age_years > 60"},), "assume_met": ("old",)},
        "`age_years > 60`. Taken as met where the dates leave it open.",
    ),
    ({"arms": ARMS}, "1. Operated: `has_metastasectomy`. Decided on the day of: first metastasectomy.\n2. The rest: all others."),
    (
        {"subgroups": ({"arm": "rest", "subgroup": "brain", "label": "Brain", "when": "recurrence_organ_code = 'brain'"},)},
        "- Group within The rest: Brain: `recurrence_organ_code = 'brain'`.",
    ),
    ({"table_1": (STAGE,)}, "- Stage: `stage_code`, number and per cent of each level.\n"),
    (
        {"table_1": (STAGE | {"levels": ("I", "II"), "of": "has_recurrence"},)},
        "each level (I, II), of those for whom holds `has_recurrence`.",
    ),
    (
        {"table_1": ({"variable": "age", "label": "Age", "value": "age_years", "statistics": ("median", "q1", "q3")},)},
        "- Age: `age_years`, median, q1 and q3.",
    ),
    ({"table_1": (STAGE,)}, "- Characteristics are not tested between the arms."),
    ({"table_1": (STAGE,)}, DERIVED),
    ({"steps": ({"step": "early", "label": "Early", "keep": "stage_code in ('I', 'IIA')"},)}, DERIVED),
    ({"endpoint": {"among": "stage_code = 'I'"}}, DERIVED),
    ({"table_2": TABLE, "arms": ARMS}, DERIVED),
    ({"columns": (LESIONS | {"where": "stage_code = 'IV'"},)}, DERIVED),
    ({"table_1": (STAGE,), "table_1_p_values": True}, "- Tests of Table 1: none is given."),
    ({"table_2": TABLE, "arms": ARMS}, "- Table 2 has one row for each person of the arm Operated."),
    ({"data_cut_off": datetime.date(2016, 12, 31)}, "- Data cut-off of all times: 2016-12-31."),
    ({"ticks_months": (0, 6, 9)}, "Given at the months 0, 6 and 9."),
    ({"endpoint": {"ticks_months": (0, 2)}, "ticks_months": (0, 6)}, "Given at the months 0 and 2."),
    ({"analyses": ("as_published",), "arms": ARMS}, "- As published: arms as above"),
    ({"analyses": ("as_published",), "arms": ARMS}, "- Survival, Operated: immortal time is not accounted for."),
    ({"analyses": ("as_published", "delayed_entry"), "arms": ARMS}, "- Delayed entry: at risk in an arm from the day after it was decided"),
    ({"analyses": ("as_published", "time_dependent"), "arms": ARMS}, "- Time-dependent: on each day in the arm decided before that day"),
    (
        {"endpoint": {"landmark_days": 90}, "analyses": ("as_published", "landmark"), "arms": ARMS},
        "- Landmark: arms as decided by the landmark",
    ),
    ({"endpoint": {"landmark_days": 90}}, "Landmark: day 90 after the origin."),
    (
        {"endpoint": {"label": "Being alive", "endpoint": "alive"}},
        "- **Being alive** (`alive`). Time from the start of the first treatment",
    ),
    ({"endpoint": {"origin": "diagnosis"}}, "Time from the date of diagnosis, in whole days;"),
    ({"endpoint": {"among": "grade_code = '1'"}}, "Only of women for whom holds `grade_code = '1'`."),
    (
        {},
        "Event: `vital_status_code = 'dead'` where that is certain, on the day of: death. Without it censored on the day of: last contact.",
    ),
    (
        {"endpoint": {"end": ("recurrence", "death"), "censored": ("death", "contact")}},
        "first recurrence of any kind or death. Without it censored on the last delivered of: death or last contact.",
    ),
    (
        {"endpoint": {"event": "true", "end": ("recurrence",)}},
        "Event: in all whose time is known, on the day of: first recurrence of any kind. Curves",
    ),
    ({"endpoint": {"horizon_days": 1800}}, "Curves and tests are cut on day 1800 (month 60)."),
    ({"endpoint": {"horizon_days": 1000}, "ticks_months": (0, 12, 24, 36)}, "Given at the months 0, 12 and 24, and on the day of the cut."),
    ({"endpoint": {"horizon_days": 720}, "ticks_months": (0, 12, 24, 36)}, "Given at the months 0, 12 and 24."),
    ({"endpoint": {"entry": "distant_recurrence"}}, "Late entry: seen only from the first distant recurrence on."),
    (
        {"endpoint": {"estimators": ("kaplan_meier", "median_observed_time")}},
        "Estimators: Kaplan-Meier and plain median of the observed times.",
    ),
    ({"endpoint": INCIDENCE | {"competing": (DEATH,)}}, "Competing event: Death: `vital_status_code = 'dead'`, on the day of: death."),
    ({"endpoint": INCIDENCE | {"competing": (DEATH,)}}, "Without any of them censored on the"),
]


@pytest.mark.parametrize(("changes", "said"), SAID)
def test_says_what_the_study_says(changes: dict[str, Any], said: str) -> None:
    given = dict(changes)
    if given.get("endpoint", {}).get("event") == "true":
        given["endpoint"] = given["endpoint"] | {"horizon_days": 30}
    assert said in of(**given)


# Keys that are no method: a name of an output, the words of an axis or of a cell, how rows are sorted, what is a test of its own below.
NO_METHOD = {
    "curve_label", "step", "arm", "subgroup", "variable", "residual", "published", "order_by", "separator", "otherwise", "text", "list",
    "competing", "confidence_interval", "comparisons", "column",
}  # fmt: skip


def test_every_key_of_a_study_is_told_or_is_no_method() -> None:
    """A new key of a study needs a sentence, and a line in the table above."""
    models = (Study, Endpoint, Competing, Step, Arm, Subgroup, Variable, Table2, ListColumn, StudyColumn)
    keys = {name for model in models for name in model.model_fields}
    changed: set[str] = set()

    def walk(value: Any) -> None:
        for key, inner in value.items() if isinstance(value, dict) else ():
            changed.add(key)
            walk(inner)
        for inner in value if isinstance(value, tuple) else ():
            walk(inner)

    walk(tuple(changes for changes, _ in SAID))
    assert keys - NO_METHOD - changed - {"endpoints", "when", "where", "take", "value"} == set()


SHOWN = {"analysis": "as_published", "endpoint": "survival", "arm": "operated", "days": 0.0, "survival": 1.0}
ROW = {"analysis": "as_published", "endpoint": "survival", "arm": "operated", "estimator": "kaplan_meier", "n": 9, "reason": ""}
TEST = {"analysis": "as_published", "endpoint": "survival", "arms": "operated, rest", "method": "chi-square", "reason": ""}
LIMITS = {
    "log": "on the scale of log S(t) (`log`)",
    "log-log": "on the scale of log(-log S(t)) (`log-log`)",
    "plain": "1.96 standard errors (`plain`)",
}


BOUND = {"analysis": "as_published", "endpoint": "survival", "arm": "operated", "lower": 0.5}
DRAWN = {"variable": "stage", "test": "chi-square", "reason": ""}
HIDDEN = {"variable": "age", "test": "", "reason": "suppressed, because a number that it is made of is"}
TESTED = {"table_1": (STAGE,), "table_1_p_values": True}
ENVELOPE = {"date_convention": "envelope", "analyses": ("as_published", "time_dependent"), "arms": ARMS}


@pytest.mark.parametrize(
    ("changes", "rows", "said"),
    [
        (ENVELOPE, {"envelope": [BOUND]}, "beside the curves: as published."),
        (ENVELOPE, {"envelope": [BOUND | {"lower": None}]}, "beside the curves: none, for no file here has any."),  # all are hidden
        (TESTED, {"table_1_tests": [DRAWN]}, "- Tests of Table 1: chi-square; not adjusted for their number."),
        (TESTED, {"table_1_tests": [HIDDEN]}, "- Some tests are not given: suppressed, because a number that it is made of is."),
    ],
)
def test_claims_what_stands_in_the_files(changes: dict[str, Any], rows: dict[str, list[dict[str, Any]]], said: str) -> None:
    assert said in text(study(endpoints=(SURVIVAL,), **changes), **rows)


@pytest.mark.parametrize(
    ("given", "shown"), [("a", "`a`"), ("`a", "`` `a ``"), ("a``b", "```a``b```"), ("a\n  and b", "`a and b`"), ("'x  y'", "`'x  y'`")]
)
def test_shows_a_condition_as_it_is_written(given: str, shown: str) -> None:
    assert code(given) == shown


def test_says_where_the_records_come_from_and_what_was_done_to_them() -> None:
    con = duckdb.connect()
    for table, columns in {"dim_source": "source", "lineage_rule": "step", "fact_finding": "status"}.items():
        con.sql(f"create table {table} ({columns} text)")
    assert records(con) == [*ALWAYS]
    con.sql("insert into dim_source values ('ward'), ('deaths'), ('ward')")
    assert records(con) == ["Delivered by: deaths and ward.", *ALWAYS]
    con.sql("insert into lineage_rule values ('corrected')")
    con.sql("insert into fact_finding values ('overridden')")
    assert records(con)[-2:] == [CORRECTED, OVERRIDDEN]


@pytest.mark.parametrize("ci", LIMITS)
def test_names_the_estimators_of_what_stands_in_the_files(ci: str) -> None:
    made = study(endpoints=(SURVIVAL,), confidence_interval=ci)
    assert f"- S(t): Kaplan-Meier, standard errors by Greenwood's formula, 95 % confidence limits {LIMITS[ci]}" in text(
        made, km=[SHOWN]
    ).replace("as S(t) plus and minus ", "")
    assert "Kaplan-Meier, standard errors" not in text(made)  # nothing was estimated


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (TEST, "- Survival, Operated and The rest: log-rank test, p by chi-square."),
        (TEST | {"method": "permutation"}, "log-rank test, p by permutation."),
        (
            TEST | {"method": "", "reason": "not known for 3 of 12 women; write a step"},
            "- Survival, Operated and The rest: no log-rank test: not known for some of the women.",
        ),
    ],
)
def test_names_the_test_that_was_made_or_why_there_is_none(row: dict[str, Any], said: str) -> None:
    assert said in text(study(endpoints=(SURVIVAL,)), logrank=[row])


def test_names_what_is_not_given_without_a_count() -> None:
    told = text(study(endpoints=(SURVIVAL,)), survival=[ROW | {"reason": "the time is not delivered for 3 of 9 women (why); write a step"}])
    assert "- Not given, wholly or in part: Survival, Operated: the time is not delivered for some of the women (why)." in told


def test_names_the_ties_of_a_cox_regression() -> None:
    cox = {
        "analysis": "time_dependent",
        "endpoint": "survival",
        "arms": "operated, rest",
        "arm": "operated",
        "reference": "rest",
        "ties": "efron",
    }
    made = study(endpoints=(SURVIVAL,), arms=ARMS, analyses=("as_published", "time_dependent"))
    said = (
        "- Survival, time-dependent, hazard ratio of Operated against The rest (Cox, start-stop): Efron's ties, 95 % limits and p by Wald."
    )
    assert said in text(made, cox=[cox])


def test_lists_only_reporting_items_that_a_section_or_a_file_answers() -> None:
    made = study(endpoints=(SURVIVAL,))
    assert "| STROBE | 14a |" not in text(made)
    assert "| STROBE | 14a | characteristics of the subjects | table_1.html |" in text(made, ("table_1.html",))
    assert "| STROBE | 12e |" not in text(study())  # no times, so no analyses of them


@pytest.mark.parametrize("column", ["stage_delivered_code", "t_code"])
def test_says_nothing_of_derived_stages_where_no_stage_is_read(column: str) -> None:
    assert DERIVED not in of(table_1=(STAGE | {"level": column},))
    assert DERIVED not in of(columns=(LESIONS | {"list": "other_tumour", "where": "stage_code = 'I'", "take": "count", "value": None},))
