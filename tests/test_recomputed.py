"""Every number of Table 1 can be computed again from only the subjects that it lists."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from warehouse.explain import locked, subjects

STUDIES = {"published": "metastasectomy", "registry": "metastasectomy", "trial_days": "hormonal"}


def recomputed(con: duckdb.DuckDBPyConnection, row: dict[str, str], study: str, people: Iterable[int]) -> float | None:
    """The number, written anew: from the listed women's own values, in plain Python."""
    query = "select patient_key, level, value, state from mart_subject_variable where study = $study and variable = $variable"
    known = con.execute(query, {"study": study, "variable": row["variable"]}).fetchall()
    mine = [line for line in known if line[0] in set(people)]
    values = sorted(value for _, _, value, state in mine if state == "known" and value is not None)
    match row["statistic"]:
        case "n" if row["level"]:
            return len({key for key, level, _, _ in mine if level == row["level"]})
        case "percent":
            at_level = len({key for key, level, _, _ in mine if level == row["level"]})
            of = len({key for key, _, _, state in mine if state == "known"})
            return 100 * at_level / of if of else None
        case "n":
            return len(values)
        case "missing" | "not_applicable" as state:
            return len({key for key, _, _, said in mine if said == state})
        case _ if not values:
            return None
        case "median":
            return statistics.median(values)
        case "min":
            return values[0]
        case "max":
            return values[-1]
        case "mean":
            return statistics.fmean(values)
        case "sd":
            return statistics.stdev(values)
        case "q1" | "q3" as quarter:  # R's default (type 7)
            return statistics.quantiles(values, n=4, method="inclusive")[0 if quarter == "q1" else 2]
    raise AssertionError(row["statistic"])


EXAMPLES = [name if name == "published" else pytest.param(name, marks=pytest.mark.slow) for name in STUDIES]


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_number_of_table_1_comes_from_only_its_listed_subjects(bundled_out: Path, example: str) -> None:
    study = STUDIES[example]
    release = bundled_out / example / "current"
    with (release / f"share/studies/{study}/table_1.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) > 40
    with locked(release / "warehouse.duckdb") as con:
        for row in rows:
            people = subjects(con, row["number_id"])
            expected = recomputed(con, row, study, people)
            assert (None if row["value"] == "" else float(row["value"])) == (
                None if expected is None else pytest.approx(expected, rel=1e-11)
            ), row
