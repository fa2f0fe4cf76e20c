"""Two hospitals and a death registry from their files to a release: who is one person, what the vault holds, and what leaves it."""

import shutil
import stat
from pathlib import Path

import duckdb
import polars as pl
import pytest
from answered_wards import plain_release
from two_hospitals import written

from etl.options import RunOptions
from etl.pipeline import run
from etl.progress import Progress
from etl.vault import check_place
from schemas.core.errors import ConfigurationError
from tests.expectations_met import expectations_met
from tests.made_once import made_once

IDENTIFIERS = ("S0000001A", "S0000002B", "00017", "Lim Mary", "lim mary", "LIM,", "Koh Joy", "00019")


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Of its own: a lost vault is made again in it."""
    wards, mine = made_once(tmp_path_factory, "plain_wards", plain_release), tmp_path_factory.mktemp("wards")
    shutil.copytree(wards, mine, symlinks=True, dirs_exist_ok=True)
    return mine / "out"


def rows(out: Path, sql: str, file: str = "current/warehouse.duckdb"):
    with duckdb.connect(str(out / file), read_only=True) as con:
        return con.sql(sql).fetchall()


def test_finds_four_women_behind_six_numbers(out):
    assert rows(out, "select count(*) from dim_patient") == [(4,)]


def test_brings_one_tumour_told_twice_together_and_keeps_a_second_primary(out):
    sides = "select list(laterality_code order by tumour_no) from dim_tumour group by patient_key order by 1"
    assert rows(out, sides) == [(["left"],), (["left"],), (["right"],), (["right", "left"],)]


def test_lets_the_latest_contact_and_the_death_survive(out):
    told = "select contact_earliest_date::text, death_earliest_date::text from fact_follow_up where vital_status_code = 'dead'"
    assert rows(out, told) == [("2015-06-01", "2016-02-03")]


def test_says_why_numbers_were_brought_together(out):
    report = pl.read_csv(out / "current/internal/linkage.csv")
    merged = report.filter(record="patient", outcome="merged").sort("evidence")
    assert merged.select("method", "evidence", "source_file").rows() == [
        ("deterministic", "name birth", "b.csv"),
        ("deterministic", "nric", "b.csv"),
    ]
    assert report.filter(record="tumour").select("outcome", "evidence", "from_number", "to_number").sort("outcome").rows() == [
        ("merged", "date laterality_code", "1", "1"), ("renumbered", "", "1", "2"),
    ]  # fmt: skip


def test_balances_the_ledger_with_duplicates_and_merges(out):
    ledger = pl.read_csv(out / "current/ledger.csv").filter(stage="link").group_by("source_file", "fate").agg(pl.col("n").sum())
    assert {(file, fate): n for file, fate, n in ledger.iter_rows()} == {
        ("a.csv", "goes_on"): 9, ("a.csv", "duplicate"): 3, ("b.csv", "goes_on"): 4, ("b.csv", "merged"): 3, ("b.csv", "duplicate"): 2,
        ("deaths.csv", "merged"): 1,
    }  # fmt: skip


def test_keeps_identifiers_in_a_vault_that_only_its_owner_can_read(out):
    assert stat.S_IMODE((out / "vault.duckdb").stat().st_mode) == 0o600
    held = rows(out, "select source, patient_id, nric, name from person_identifier order by all", "vault.duckdb")
    assert ("b", "b:00018", None, "may tan") in held
    assert len(held) == 7
    assert not list(out.glob(".vault*"))


def of_another_release(path):
    with duckdb.connect(str(path)) as con:
        con.execute("update vault_release set run_id = 'ffffffffffff'; delete from person_identifier where source = 'b'")


@pytest.mark.parametrize(
    "lose", [Path.unlink, lambda path: path.write_bytes(b"half"), of_another_release], ids=["gone", "damaged", "other"]
)
def test_makes_a_lost_vault_again_though_nothing_new_has_come(out, lose):
    before = rows(out, "select * from person_identifier order by all", "vault.duckdb")
    lose(out / "vault.duckdb")
    assert run(out.parent / "project", out, RunOptions(), Progress(quiet=True)).outcome == "unchanged"
    assert rows(out, "select * from person_identifier order by all", "vault.duckdb") == before
    assert stat.S_IMODE((out / "vault.duckdb").stat().st_mode) == 0o600


def test_says_what_stands_in_the_place_of_the_vault(tmp_path):
    (tmp_path / "vault.duckdb").mkdir()
    with pytest.raises(ConfigurationError, match=r"vault\.duckdb: is a folder"):
        check_place(tmp_path)


def test_lets_no_identifier_out_of_vault_and_landing(out):
    for path in sorted(out.rglob("*")):
        if path.is_file() and "landing" not in path.parts and path.name != "vault.duckdb" and path.suffix != ".duckdb":
            content = path.read_bytes().decode("utf-8", "replace")
            assert not [word for word in IDENTIFIERS if word in content], path
    tables = [name for (name,) in rows(out, "select table_name from duckdb_tables()")]
    for table in tables:
        text = str(rows(out, f"from {table}"))
        assert not [word for word in IDENTIFIERS if word in text], table


@pytest.mark.slow
def test_gives_the_same_pseudonyms_whatever_is_delivered_beside(tmp_path, out):
    only_a = written(tmp_path / "project", exports__deaths_csv="nric,died\n")
    with expectations_met():
        run(only_a, tmp_path / "out", RunOptions(), Progress(quiet=True))
    women = "select patient_pseudonym from dim_patient order by 1"
    assert rows(tmp_path / "out", women) == rows(out, women)
