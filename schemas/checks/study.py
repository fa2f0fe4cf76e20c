"""Checks of one study that its models alone cannot make: its conditions, dates, arms, levels and names."""

from __future__ import annotations

from pathlib import Path as FilePath

from sqlglot import exp

from schemas import items
from schemas.candidate import Known, known
from schemas.checks.analyses import check_analyses
from schemas.checks.arms import check_arms
from schemas.checks.codes import check_code
from schemas.checks.contract import repeated
from schemas.checks.endpoints import check_comparisons, check_endpoints, once, one_of
from schemas.checks.study_columns import DrugCodes, check_columns
from schemas.conditions import Columns, Conditions, columns_of
from schemas.core.expression import ExpressionError
from schemas.domains import code_list
from schemas.primary_site import check_primary_site
from schemas.study import LIST_COLUMNS, Study, Table2, Variable, id_part
from schemas.yaml_lines import Path, Source

# Rows of the cohort counts that every study has beside its own steps.
RESERVED_STEPS = ("analysed", "held", "no_tumour", "arm")
DELIVERED = "delivered"


def check_study(source: Source, study: Study, codes: DrugCodes | None) -> None:
    """Report every mistake of one study."""
    if study.study != FilePath(source.file).stem:
        source.report(("study",), f"the study in {source.file} must be named '{FilePath(source.file).stem}'")
    check_primary_site(source, study.primary_site, codes)
    check_columns(source, study, codes)
    named = known(study.columns)
    conditions = Conditions(source, columns_of(named.columns, named.dates), codes)
    _names(source, study)
    _cohort(conditions, study)
    check_arms(source, study)
    for number, variable in enumerate(study.table_1):
        _variable(conditions, named, variable, ("table_1", number))
    if study.table_2 is not None:
        _table_2(conditions, study, study.table_2)
    check_endpoints(conditions, study)
    check_comparisons(source, study)
    check_analyses(source, study)
    conditions.finish()


def _names(source: Source, study: Study) -> None:
    """Names within one list are different."""
    lists = {
        ("steps", "step"): [step.step for step in study.steps],
        ("arms", "arm"): [arm.arm for arm in study.arms],
        ("table_1", "variable"): [variable.variable for variable in study.table_1],
        ("endpoints", "endpoint"): [endpoint.endpoint for endpoint in study.endpoints],
        ("subgroups", "subgroup"): [f"{group.arm}.{group.subgroup}" for group in study.subgroups],
    }
    for (key, name), names in lists.items():
        for number in repeated(names):
            source.report((key, number, name), f"'{key}' names '{names[number]}' twice")
    if "all" in lists["arms", "arm"]:
        source.report(("arms", lists["arms", "arm"].index("all"), "arm"), "'all' is the name of the whole cohort")
    _step_names(source, study)


def _step_names(source: Source, study: Study) -> None:
    """Steps do not take the names of the rows that every study has."""
    for number, step in enumerate(study.steps):
        path = ("steps", number, "step")
        if step.step in RESERVED_STEPS:
            source.report(path, f"'{step.step}' is a row that every study has", "name the step otherwise")
        if step.step == DELIVERED and (number or not step.keeps_everyone):
            source.report(path, f"'{DELIVERED}' counts everyone delivered", 'it is the first step and has keep: "true"')


def _cohort(conditions: Conditions, study: Study) -> None:
    source = conditions.source
    for number, step in enumerate(study.steps):
        conditions.add(("steps", number, "keep"), step.keep)
    for number, name in enumerate(study.assume_met):
        one_of(source, ("assume_met", number), "step", name, [step.step for step in study.steps])
    for number, arm in enumerate(study.arms):
        conditions.add(("arms", number, "when"), arm.when)
        if arm.residual and number != len(study.arms) - 1:
            source.report(("arms", number, "residual"), "the residual arm must come last")
    for number, group in enumerate(study.subgroups):
        _arm(source, study, ("subgroups", number, "arm"), group.arm)
        conditions.add(("subgroups", number, "when"), group.when)


def _arm(source: Source, study: Study, path: Path, arm: str) -> None:
    one_of(source, path, "arm", arm, [known.arm for known in study.arms])


def _variable(conditions: Conditions, named: Known, variable: Variable, path: Path) -> None:
    """The expressions, and levels that are codes of the column they are levels of."""
    source = conditions.source
    conditions.add((*path, "value"), variable.value, "number")
    conditions.add((*path, "level"), variable.level, "any")
    conditions.add((*path, "of"), variable.of)
    level = {column.name: column for column in named.columns}.get(variable.level or "")
    domain = code_list(level) if level is not None else None
    for number, word in enumerate(variable.levels):
        here = (*path, "levels", number)
        if domain is not None:
            check_code(source, here, domain, word, conditions.codes)
        elif level is not None and level.type == "bool":
            one_of(source, here, "level", word, ("yes", "no"))
    _never_given(source, named, path, variable)
    once(source, (*path, "levels"), "levels", variable.levels)
    once(source, (*path, "statistics"), "statistics", variable.statistics)
    _apart(source, named, path, variable)


def _apart(source: Source, named: Known, path: Path, variable: Variable) -> None:
    """Levels that differ in signs only would have one number_id: those listed, and those that the expression itself writes."""
    parts: dict[str, str] = {}
    for word in (*variable.levels, *_written(named, variable.level)):
        other = parts.setdefault(id_part(word), word)
        if other != word:
            message = f"the levels '{other}' and '{word}' differ in signs only and would share a number_id ({id_part(word)})"
            source.report((*path, "level"), message, "name them apart by letters or figures: 'under 50', '50 and over'")


def _never_given(source: Source, named: Known, path: Path, variable: Variable) -> None:
    """Reports levels that the expression never gives, where all its results are texts in it: the levels meant would not be printed."""
    given = _written(named, variable.level)
    if given and _gives_texts_only(named, variable.level or ""):
        for number, word in enumerate(variable.levels):
            one_of(source, (*path, "levels", number), "level", word, given)


def _gives_texts_only(named: Known, text: str) -> bool:
    """Whether an expression is one case of which each branch is a text as it stands (or nothing)."""
    tree = named.parsed(text)
    branches = [*(branch.args["true"] for branch in tree.args["ifs"]), tree.args.get("default")] if isinstance(tree, exp.Case) else []
    return bool(branches) and all(part is None or isinstance(part, (exp.Literal, exp.Null)) for part in branches)


def _written(named: Known, text: str | None) -> list[str]:
    """The texts that a case expression gives, where it can be read."""
    if text is None:
        return []
    try:
        tree = named.parsed(text)
    except ExpressionError:
        return []
    cases = tree.find_all(exp.Case)
    given = [part for case in cases for part in (*(branch.args["true"] for branch in case.args["ifs"]), case.args.get("default"))]
    return [part.name for part in given if isinstance(part, exp.Literal) and part.is_string]


def _table_2(conditions: Conditions, study: Study, table: Table2) -> None:
    source = conditions.source
    _arm(source, study, ("table_2", "arm"), table.arm)
    conditions.add(("table_2", "order_by"), table.order_by, "any")
    for number in repeated(column.column for column in table.columns):
        source.report(("table_2", "columns", number, "column"), f"Table 2 has two columns '{table.columns[number].column}'")
    lists = {name: Conditions(source, _list(name), conditions.codes) for name in LIST_COLUMNS}
    for number, column in enumerate(table.columns):
        path = ("table_2", "columns", number)
        over = conditions if column.list is None else lists[column.list]
        over.add((*path, "text"), column.text, "any")
        over.add((*path, "where"), column.where)
    for over in lists.values():
        over.finish()


def _list(name: str) -> Columns:
    """Columns of one list view of Table 2: those of its staging record, and its ready-made texts."""
    return columns_of(items.columns(name, "staging"), items.intervals(name), LIST_COLUMNS[name])
