from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest
from tiny_star import TinyVocabularies, built, inputs

from schemas.core.errors import RefusedError
from schemas.core.frames import ledger
from warehouse.audit import audit
from warehouse.ledger import differences, imbalances

CODES = TinyVocabularies()
LINES = {"table.csv": 8}
# The lines of one table, said to be of a row that is not there.
OTHER_ROW = "update lineage_line set row_key = 3 where rule_no in (select rule_no from lineage_rule where table_name = '{}')"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    """A copy of the warehouse, to be spoilt."""
    return Path(shutil.copy(whole, tmp_path))


def change(path: Path, *statements: str) -> None:
    with duckdb.connect(str(path)) as con:
        for statement in statements:
            con.execute(statement).fetchall()


def refusal(path: Path) -> list[str]:
    with pytest.raises(RefusedError) as caught:
        audit(path, CODES, inputs().ledger, LINES)
    assert caught.value.exit_code == 3
    return str(caught.value).splitlines()


def test_passes_a_star_that_is_whole(path: Path) -> None:
    audit(path, CODES, inputs().ledger, LINES)


def test_passes_a_star_without_any_row_but_the_vocabularies(tmp_path: Path) -> None:
    made = inputs()
    none = {name: frame.clear() for name, frame in made.records.items()}
    gone = ledger([("table.csv", "read", "row", "not_data", "header", 1)])
    path = built(tmp_path, replace(made, records=none, lineage=made.lineage.clear(), ledger=gone))
    audit(path, CODES, gone, {"table.csv": 1})


@pytest.mark.parametrize("line", [0, *(pytest.param(line, marks=pytest.mark.slow) for line in range(1, 6))])
def test_refuses_when_any_one_line_of_the_ledger_is_gone(path: Path, line: int) -> None:
    order = "source_file, stage, unit, fate"
    change(path, f"delete from ledger where rowid = (select rowid from ledger order by {order} limit 1 offset {line})")
    assert any(failure.startswith("ledger: ") for failure in refusal(path))


def test_refuses_a_ledger_that_the_stages_did_not_account_for(path: Path) -> None:
    change(path, "update ledger set reason = 'other' where stage = 'link'")
    assert refusal(path) == ["ledger: 1 lines are missing and 1 were not accounted for by the stages"]


def test_refuses_when_lines_of_a_file_are_not_accounted_for(path: Path) -> None:
    with pytest.raises(RefusedError, match=r"^ledger: table.csv: 9 physical lines, 8 rows accounted for at read$"):
        audit(path, CODES, lines={"table.csv": 9})


def test_refuses_an_orphan(path: Path) -> None:
    change(path, "update fact_event set tumour_key = 1", "update fact_treatment set drug_key = 2")
    assert refusal(path) == [
        "fact_treatment.drug_key: 1 rows have no parent in dim_drug",
        "fact_event.tumour_key: 1 rows have no parent in dim_tumour",
    ]


def test_looks_for_each_parent_alone_where_a_row_names_a_tumour_of_somebody_else(path: Path) -> None:
    other = "(select max(patient_key) from dim_patient where patient_key <> fact_event.patient_key)"
    change(path, f"update fact_event set patient_key = {other}", "update fact_treatment set patient_key = 1")
    assert refusal(path) == ["fact_treatment.patient_key: 1 rows have no parent in dim_patient"]


def test_accepts_a_parent_that_is_not_given(path: Path) -> None:
    change(path, "update fact_treatment set drug_key = null")
    audit(path, CODES)


def test_refuses_a_fact_that_stands_there_twice(path: Path) -> None:
    change(path, "insert into fact_event select * from fact_event")
    assert refusal(path) == [
        "fact_event: 1 rows repeat a natural key",
        "fact_event: 1 rows repeat a key",
        "ledger: 8 records loaded, the star holds 9",
    ]


def test_tells_a_collision_of_the_hash_from_a_repeated_record(path: Path) -> None:
    change(path, "update fact_follow_up set follow_up_key = 3", OTHER_ROW.format("fact_follow_up"))
    assert refusal(path)[0] == "fact_follow_up: 1 rows repeat a key (hash collision of different natural keys)"


def test_refuses_a_row_without_lineage_and_a_lineage_without_row(path: Path) -> None:
    change(path, OTHER_ROW.format("fact_event"))
    assert refusal(path) == ["fact_event: 1 rows have no lineage", "lineage: 1 lines lead to no row of fact_event"]


def test_refuses_a_table_or_column_without_comment(path: Path) -> None:
    change(path, "comment on table dim_site is null", "comment on column dim_site.label is null")
    assert refusal(path) == ["dim_site: the table has no comment", "dim_site.label: the column has no comment"]


def test_refuses_what_the_models_do_not_allow_and_prints_no_value(path: Path) -> None:
    # the list of anchors is no CHECK, and no list of a tiny vocabulary covers this column: only the models look here
    change(path, "update fact_event set event_anchor = null, site_code = 'SENTINEL'")
    failures = refusal(path)
    assert failures == ["fact_event: event: days must name their anchor (1 failed)"]


def test_names_every_failure_at_once(path: Path) -> None:
    change(path, "update fact_event set tumour_key = 1", "delete from ledger", "comment on table dim_site is null")
    assert [failure.split(":")[0] for failure in refusal(path)] == ["fact_event.tumour_key", "ledger", "ledger", "ledger", "dim_site"]


BALANCED = [
    ("a.csv", "read", "row", "goes_on", "", 3), ("a.csv", "read", "row", "not_data", "header", 1),
    ("a.csv", "normalise", "row", "goes_on", "", 2), ("a.csv", "normalise", "row", "no_record", "", 1),
    ("a.csv", "normalise", "record", "goes_on", "", 5),
    ("a.csv", "link", "record", "goes_on", "", 3), ("a.csv", "link", "record", "merged", "", 2),
    ("a.csv", "edit", "record", "goes_on", "", 2), ("a.csv", "edit", "record", "quarantined", "DATE-001", 1),
    ("a.csv", "load", "record", "loaded", "", 2),
]  # fmt: skip


def test_balances_when_every_stage_accounts_for_what_went_on() -> None:
    assert imbalances(ledger(BALANCED), {"a.csv": 4}) == []


@pytest.mark.parametrize("line", range(len(BALANCED)))
def test_does_not_balance_without_any_one_line(line: int) -> None:
    assert imbalances(ledger([*BALANCED[:line], *BALANCED[line + 1 :]]), {"a.csv": 4})


def test_says_where_the_ledger_does_not_balance() -> None:
    assert imbalances(ledger(BALANCED[:-1])) == ["ledger: a.csv: 2 records go on at edit, load accounts for 0"]


def test_does_not_balance_across_files() -> None:
    swapped = [(file if stage != "load" else "b.csv", stage, *rest) for file, stage, *rest in BALANCED]
    assert len(imbalances(ledger(swapped))) == 2


def test_does_not_balance_when_nothing_was_read() -> None:
    assert imbalances(ledger([])) == ["ledger: no row is accounted for at read"]


def test_compares_two_ledgers_by_their_sums() -> None:
    split = [line for line in BALANCED if line[1] != "link"] + [("a.csv", "link", "record", "goes_on", "", 1)] * 3 + [BALANCED[6]]
    assert differences(ledger(split), ledger(BALANCED)) == []
    assert differences(ledger(BALANCED), ledger(BALANCED).with_columns(pl.col("n") + 1))
