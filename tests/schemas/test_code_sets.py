"""What the bare numbers of a registry mean in a column that names its code set, and that they mean nothing where none is named."""

import polars as pl
import pytest

from schemas import code_sets
from schemas.contract import Contract
from schemas.vocabularies.code_list import labels
from schemas.vocabulary import load

KNOWN = load()
ROWS = [(name, row) for name in code_sets.names() for row in code_sets.rows(name) if row["means"]]
# How often a bare number stands for a code, read the same way everywhere: why it may go without a contract's word.
EVERYWHERE = {
    "grade": "1 to 4 are the grades themselves",
    "stage": "1 to 4 are roman numerals written in arabic, 0 is in situ",
    "t_category": "the digit of the category",
    "n_category": "the digit of the category",
    "m_category": "the digit of the category",
    "performance_status": "the score of ECOG itself",
    "tnm_edition": "the number of the edition itself",
    "stage_class": "stage 0",
    "marker_result": "0 of HER2 is negative as a score and as a code",
}


def contract(fields, codes=None):
    return Contract.model_validate(
        {
            "contract": "ward", "contract_version": 1, "title": "t", "source": "ward", "files": ("a.csv",), "codes": codes,
            "fields": fields, "records": ({"rule": "r", "record": "patient", "set": {"patient_id": "id"}},),
        }
    )  # fmt: skip


def is_known(row):
    if row["target"] == "tumour_no":
        return row["means"].isdigit()
    if row["target"] == "is_given":
        return row["means"] in ("yes", "no")
    is_score = row["target"] == "marker_result" and row["means"].startswith(("IHC ", "ISH "))  # of HER2
    return row["means"] in labels(row["target"]) or is_score


@pytest.mark.parametrize("name", sorted({name for name, _ in ROWS}))
def test_means_what_the_vocabulary_knows(name):
    assert [(row["item"], row["text"], row["means"]) for of, row in ROWS if of == name and not is_known(row)] == []


@pytest.mark.parametrize("domain", sorted(KNOWN.domains))
def test_reads_no_bare_number_that_differs_between_registries(domain):
    numbers = [str(number) for number in range(1000)] + [f"{number:02d}" for number in range(10)]
    contexts = ("er", "pr", "her2") if domain == "marker_result" else (None,)
    for context in contexts:
        beside = None if context is None else pl.Series([context] * len(numbers))
        found = KNOWN.normalise(domain, pl.Series(numbers), beside).filter(pl.col("code").is_not_null() & (pl.col("code") != "unknown"))
        assert found.is_empty() or domain in EVERYWHERE, found["raw"].to_list()
        assert found["raw"].str.len_chars().max() in (None, 1, 2)
        if domain == "marker_result":
            assert found["raw"].to_list() == (["0", "00"] if context == "her2" else [])[: found.height]


def test_reads_the_numbers_of_the_item_that_the_header_names():
    fields = {"id": {}, "side": {"header": "laterality"}, "overall": {"header": "3855"}, "ihc": {"header": "her2IhcSummary"}}
    named = contract(fields, "naaccr")
    assert code_sets.texts(named, "side", "laterality")["1"] == "right"
    assert code_sets.texts(named, "side", "laterality")["9"] is None
    assert code_sets.texts(named, "overall", "marker_result", "her2")["1"] == "positive"
    assert code_sets.texts(named, "ihc", "marker_result", "her2")["1"] == "IHC 1+"


def test_leaves_a_column_that_is_no_item_alone_when_the_set_is_named_for_the_whole_file():
    assert code_sets.texts(contract({"id": {}, "side": {"header": "Seite"}, "sex": {}}, "naaccr"), "side", "laterality") == {}


def test_reads_a_column_of_another_name_where_the_field_says_the_set():
    said = contract({"id": {}, "side": {"header": "Side", "codes": "naaccr"}, "her2": {"codes": "naaccr"}})
    assert code_sets.texts(said, "side", "laterality")["2"] == "left"
    # 1 is positive in the summary and 1+ in the score: the field must say which item it is
    assert "1" not in code_sets.texts(said, "her2", "marker_result", "her2")
    named = contract({"id": {}, "her2": {"codes": "naaccr.her2OverallSummary"}})
    assert code_sets.texts(named, "her2", "marker_result", "her2")["1"] == "positive"


@pytest.mark.parametrize("item", ["sequenceNumberCentral", "560"])
def test_takes_the_only_tumour_and_the_first_of_several_for_one(item):
    said = code_sets.texts(contract({"id": {}, "no": {"codes": f"naaccr.{item}"}}), "no", "tumour_no")
    assert (said["00"], said.get("01")) == ("1", None)  # 01 is read as the number 1
    assert said["99"] is None


@pytest.mark.parametrize(
    ("name", "column", "target", "text", "code"),
    [
        ("nkr", "later", "laterality", "1", "left"),  # right in NAACCR
        ("nkbc", "a_pat_sida_Varde", "laterality", "1", "right"),
        ("fcr", "later", "laterality", "3", "right"),
        ("fcr", "sex", "sex", "1", "female"),
        ("fcr", "basis", "basis_of_diagnosis", "4", "histology_primary"),
        ("fcr", "stage", "stage", "1", None),  # localised, which is no stage I
        ("fcr", "status_close", "vital_status", "2", "dead"),
        ("iarc", "Laterality of the tumour", "laterality", "4", "left"),
        ("nkbc", "a_pat_sida_Värde", "laterality", "2", "left"),
        ("nkbc", "a_tnm_tklass_Varde", "t_category", "42", "T4a"),
        ("ncras", "VITALSTATUS", "vital_status", "X", None),  # gone from the country: neither
        ("ncdb", "PUF_VITAL_STATUS", "vital_status", "0", "dead"),  # alive in NKR, NKBC and BCAC
        ("bcac", "VitalStatus", "vital_status", "0", "alive"),
        ("bcac", "GradeIndex", "grade", "888", None),
    ],
)
def test_reads_one_number_as_its_own_standard_means_it(name, column, target, text, code):
    assert code_sets.texts(contract({"id": {}, "cell": {"header": column}}, name), "cell", target)[text] == code


def test_does_not_take_women_before_and_during_the_menopause_for_one():
    asked = contract({"id": {}, "meno": {"header": "menoStat"}}, "bcac"), contract({"id": {}, "meno": {"codes": "obds.Menopause"}})
    assert ["1" in code_sets.texts(said, "meno", "menopausal_status") for said in asked] == [False, False]


def test_lends_the_codes_of_an_item_with_and_without_the_zeros_in_front():
    said = code_sets.texts(contract({"id": {}, "chemo": {"header": "RX_SUMM_CHEMO"}}, "ncdb"), "chemo", "is_given")
    assert (said["00"], said["0"], said["02"], said["2"], said["88"]) == ("no", "no", "yes", "yes", None)


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (["SEX", "GRADE", "LATERALITY"], None),  # headers of anybody
        (["SEX", "GRADE", "LATERALITY", "PUF_VITAL_STATUS"], None),  # one of the NCDB alone
        (["SEX", "RX_SUMM_CHEMO", "PUF_VITAL_STATUS"], "ncdb"),
        (["gesl", "later", "diffgrad"], "nkr"),
        (["chemo", "rt", "horm", "later", "er_stat"], None),
        (["sex", "Radiation", "Surgery", "VitalStatus"], None),
        (["GENDER", "ER_STATUS", "PR_STATUS", "HER2_STATUS", "GRADE"], None),
        (["ER_STATUS", "GRADE", "STAGE_BEST", "BASISOFDIAGNOSIS"], "ncras"),
    ],
)
def test_knows_a_file_for_one_of_a_set_by_headers_that_no_other_set_has(headers, name):
    assert code_sets.set_of(headers) == name
