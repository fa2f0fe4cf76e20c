"""Codes of other organs that a project adds to stage, T, N, M and grade: what their rows must say, and where they stand."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from vocabulary_outcome import BUILT_IN

from schemas.core.errors import ConfigurationError
from schemas.vocabulary import Vocabularies, load

WITHOUT = "(without the prefix c, p or yp, which is a column of its own)"
HEADER = "domain,spelling,code,label,after,stage_class_code"
COLON = """\
stage,IVB,IVB,Stage IVB,IVA,IV
stage,IIC,IIC,Stage IIC,IIB,II
"""


def ours(tmp_path: Path, rows: str) -> Vocabularies:
    folder = tmp_path / "vocabularies"
    folder.mkdir()
    folder.joinpath("ours.csv").write_text(f"{HEADER}\n{rows}", encoding="utf-8")
    return load(folder)


def test_a_stage_stands_where_the_project_puts_it(tmp_path: Path) -> None:
    known = ours(tmp_path, "stage,IVA,IVA,Stage IVA,IV,IV\n" + COLON)
    assert list(known.labels("stage"))[5:] == ["IIA", "IIB", "IIC", "III", "IIIA", "IIIB", "IIIC", "IV", "IVA", "IVB"]
    eighth = known.table("stage").filter(pl.col("tnm_edition_code") == "8")
    assert eighth["stage_code"].to_list() == list(known.labels("stage"))
    classes = dict(eighth.select("stage_code", "stage_class_code").rows())
    assert [classes[stage] for stage in ("IIB", "IIC", "IV", "IVA", "IVB")] == ["II", "II", "IV", "IV", "IV"]
    assert eighth["sort_no"].to_list() == list(range(15))
    assert known.longer_lists.keys() == {"stage"}
    assert list(BUILT_IN.labels("stage")) == ["0", "I", "IA", "IB", "II", "IIA", "IIB", "III", "IIIA", "IIIB", "IIIC", "IV"]


@pytest.mark.parametrize(
    ("domain", "row", "text", "code"),
    [
        ("stage", "stage,IVA,IVA,Stage IVA,IV,IV", "pathological stage IV A", "IVA"),
        ("stage", "stage,IVA,IVA,Stage IVA,IV,IV", "IV", "IV"),
        ("t_category", "t_category,T2c,T2c,T2c,T2,", "cT2c", "T2c"),
        ("n_category", "n_category,N2c,N2c,N2c,N2b,", "pN2c", "N2c"),
        ("m_category", "m_category,M1a,M1a,M1a,M1,", "cM1a", "M1a"),
        ("m_category", "m_category,M1a,M1a,M1a,M1,", "M1b", None),
        ("grade", "grade,4+3=7,GG3,Grade group 3,,", "Grade group 3", "GG3"),
        ("grade", "grade,4+3=7,GG3,Grade group 3,,", "4+3=7", "GG3"),
        ("grade", "grade,4+3=7,GG3,Grade group 3,,", "3+4=7", None),
        ("grade", "grade,4+3=7,GG3,Grade group 3,,", "3", "3"),
    ],
)
def test_reads_them_with_their_prefix_as_the_codes_of_the_list(tmp_path: Path, domain: str, row: str, text: str, code: str | None) -> None:
    assert ours(tmp_path, row + "\n").normalise(domain, pl.Series([text]))["code"].to_list() == [code]


@pytest.mark.parametrize(
    ("row", "mistake"),
    [
        ("stage,IVA,IVA,Stage IVA,,IV", "a new stage needs after"),
        ("stage,IVA,IVA,Stage IVA,IV,", "a new stage needs stage_class_code"),
        ("stage,IVB,IVB,Stage IVB,IVA,IV", "'after': stage has no such code above this line (did you mean IV or IA?)"),
        (
            "stage,IVA,IVA,Stage IVA,IV,I",
            "'stage_class_code' is not the class with which the code begins (IIC is of class II, IVA of class IV)",
        ),
        (
            "t_category,cT2c,cT2c,cT2c,T2,",
            f"a code of t_category begins with T, a figure of 0 to 4 and its letter {WITHOUT}",
        ),
        (
            "m_category,M2,M2,M2,M1,",
            f"a code of m_category begins with M0 or M1 and its letter {WITHOUT}",
        ),
        ("n_category,N2c,N2c,N2c,,", "a new n_category needs after"),
    ],
)
def test_refuses_a_code_that_says_too_little(tmp_path: Path, row: str, mistake: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ours(tmp_path, row + "\n")
    assert [str(one).partition(": ")[2] for one in caught.value.mistakes] == [mistake]
