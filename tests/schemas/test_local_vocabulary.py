"""Spellings, codes and tables of a project beside the built-in ones."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from vocabulary_outcome import BUILT_IN, code

from etl.normalise.markers import read_results
from schemas.core.errors import ConfigurationError
from schemas.stage import derive_stage
from schemas.vocabulary import Vocabularies, load


def local(tmp_path: Path, text: str) -> Vocabularies:
    folder = tmp_path / "vocabularies"
    folder.mkdir()
    folder.joinpath("ours.csv").write_text(text, encoding="utf-8")
    return load(folder)


def mistakes(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        local(tmp_path, text)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_adds_the_spellings_of_a_project(tmp_path: Path) -> None:
    ours = local(tmp_path, "# agreed with the unit\ndomain,spelling,code\nsite,K-Niere,kidney\nethnicity,1,chinese\nregimen,TCH,TCbH\n")
    assert ours.normalise("site", pl.Series(["k-niere"]))["code"].to_list() == ["kidney"]
    # a project may say what its source means by a text that is ambiguous elsewhere
    assert ours.normalise("ethnicity", pl.Series(["1"]))["code"].to_list() == ["chinese"]
    assert ours.normalise("regimen", pl.Series(["TCH"]))["code"].to_list() == ["TCbH"]
    assert code("ethnicity", "1") is None


def test_confirms_or_refuses_what_was_read_beside_a_word_that_no_list_knows(tmp_path: Path) -> None:
    """Lines of unlisted_words.csv and unmapped.csv pasted, with the other columns of these files."""
    lines = (
        "stage,stage IIA per quux,IIA,,quux",
        "menopausal_status,post quux menopausal,not_read,,quux",
        "laterality,left,not_read,,",
        "stage,'+quux; stage IIA,not_read,,",  # with the apostrophe that keeps a spreadsheet from running it
        "marker_result,ER 90%,not_read,er,",
    )
    ours = local(tmp_path, "\n".join(("domain,spelling,code,context,words", *lines, "")))
    found = [
        ours.normalise(domain, pl.Series([text]), within_text=True).row(0)[1:]
        for domain, text in (line.split(",")[:2] for line in lines[:3])
    ]
    assert found == [("IIA", "fixed", "spelling"), (None, "rejected", "not_read"), (None, "rejected", "not_read")]
    assert ours.normalise("stage", pl.Series(["+quux; stage IIA"]), within_text=True)["reason"].to_list() == ["not_read"]
    assert ours.normalise("laterality", pl.Series(["left breast"]), within_text=True)["code"].to_list() == ["left"], "the whole cell only"
    asked = pl.DataFrame({"raw": ["ER 90%", "ER 80%"], "context": ["er", "er"]})
    assert read_results(ours, asked, within_text=True)["code"].to_list() == [None, "positive"], "nor by its number"


def test_reads_nothing_beside_a_word_that_no_list_knows_where_a_project_says_so() -> None:
    texts = pl.Series(["postmenopausal per quux", "postmenopausal at 50"])
    for known, expected in ((BUILT_IN, ["postmenopausal"] * 2), (BUILT_IN.refusing_unlisted(), [None, "postmenopausal"])):
        assert known.normalise("menopausal_status", texts, within_text=True)["code"].to_list() == expected


def test_adds_a_spelling_for_one_context_only(tmp_path: Path) -> None:
    ours = local(tmp_path, "domain,spelling,code,context\nprocedure,clearance,axillary_clearance,lymph_node\n")
    found = ours.normalise("procedure", pl.Series(["clearance", "clearance"]), pl.Series(["lymph_node", "lung"]))
    assert found["code"].to_list() == ["axillary_clearance", None]


def test_works_without_a_folder_of_local_spellings(tmp_path: Path) -> None:
    assert load(tmp_path / "vocabularies").codes("sex") == {"female", "male", "other"}


def test_names_every_local_mistake_with_file_and_line(tmp_path: Path) -> None:
    text = "domain,spelling,code\nsites,here,lung\nsite,there,lungs\nsite,,lung\nsex\n"
    assert mistakes(tmp_path, text) == [
        "vocabularies/ours.csv:2: unknown domain (did you mean site or stage?)",
        "vocabularies/ours.csv:3: site has no such code (did you mean lung?)",
        "vocabularies/ours.csv:4: the spelling is empty",
        "vocabularies/ours.csv:5: 1 cells where the header has 3",
    ]


def test_names_the_code_list_of_a_column_that_stands_in_its_place(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "domain,spelling,code\nsex_code,frau,female\nbirth,x,y\n") == [
        "vocabularies/ours.csv:2: unknown domain (the code list of that column is 'sex')",
        "vocabularies/ours.csv:3: unknown domain (docs/code_lists.md has them all)",
    ]


def test_says_of_a_line_without_a_domain_that_no_code_list_reads_such_a_cell(tmp_path: Path) -> None:
    """A paste of unmapped.csv as it is: the cells of treatments, numbers and persons stand in it too."""
    [told] = mistakes(tmp_path, "domain,spelling,code\n,nach Plan,\n")
    assert told.startswith("vocabularies/ours.csv:2: the domain is empty (no code list reads a treatment, a number or a person")


def test_refuses_a_local_spelling_that_means_another_code_already(tmp_path: Path) -> None:
    text = "domain,spelling,code\nsite,LUNGS,liver\nsite,Ort,lung\nsite,ort,bone\n"
    assert mistakes(tmp_path, text)[:2] == [
        "vocabularies/ours.csv:2: site: the spelling means lung and liver",
        "vocabularies/ours.csv:2: site: the spelling means lung and liver after text_rules.csv",
    ]
    assert any(line.startswith("vocabularies/ours.csv:4: site: the spelling means lung and bone") for line in mistakes_again(tmp_path))


def mistakes_again(tmp_path: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path / "vocabularies")
    return [str(mistake) for mistake in caught.value.mistakes]


def test_refuses_a_local_file_without_its_columns(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "domain,text\nsite,x\n") == ["vocabularies/ours.csv:1: column spelling and code is missing"]


def test_adds_codes_of_a_project_to_an_open_list(tmp_path: Path) -> None:
    text = (
        "domain,spelling,code,label,organ_code\nsite,SC joint,sternoclavicular_joint,Sternoclavicular joint,bone\n"
        "site,sternoclav,sternoclavicular_joint,,\n"
    )
    ours = local(tmp_path, text)
    found = ours.normalise("site", pl.Series(["SC joint", "sternoclav", "Sternoclavicular joint", "sternoclavicular_joint"]))
    assert set(found["code"]) == {"sternoclavicular_joint"}
    assert ours.label("site", "sternoclavicular_joint") == "Sternoclavicular joint"
    assert "sternoclavicular_joint" in ours.codes("site")
    assert "sternoclavicular_joint" not in BUILT_IN.codes("site")
    row = ours.table("site").filter(pl.col("site_code") == "sternoclavicular_joint").row(0, named=True)
    assert (row["label"], row["organ_code"]) == ("Sternoclavicular joint", "bone")
    assert ours.table("site").height == BUILT_IN.table("site").height + 1


@pytest.mark.parametrize(
    ("row", "mistake"),
    [
        ("sex,x1,,,", "vocabularies/ours.csv:2: the code is empty (say what the spelling means, or take the line out)"),
        ("sex,x1,divers,Diverse,", "vocabularies/ours.csv:2: sex has no such code (the list is closed: female, male, other)"),
        (
            "site,x1,knee_cap,,bone",
            "vocabularies/ours.csv:2: site has no such code (a new code needs a label; those that are there: docs/code_lists.md#site)",
        ),
        ("site,x1,knee_cap,Knee cap,", "vocabularies/ours.csv:2: a new site needs organ_code"),
        ("site,x1,knee_cap,Knee cap,bones", "vocabularies/ours.csv:2: 'organ_code': organ has no such code (did you mean bone?)"),
        ("site,x1,lung,Lungs of mine,lung", "vocabularies/ours.csv:2: site: the label of this code is built in; leave it empty"),
    ],
)
def test_refuses_a_new_code_that_its_list_cannot_have(tmp_path: Path, row: str, mistake: str) -> None:
    assert mistakes(tmp_path, f"domain,spelling,code,label,organ_code\n{row}\n") == [mistake]


def with_table(tmp_path: Path, name: str, text: str) -> Vocabularies:
    folder = tmp_path / "vocabularies"
    folder.mkdir()
    folder.joinpath(f"{name}.csv").write_text(text, encoding="utf-8")
    return load(folder)


def test_puts_a_table_of_the_project_in_the_place_of_the_built_in_one(tmp_path: Path) -> None:
    ours = with_table(tmp_path, "stage_groups", "tnm_edition_code,t_code,n_code,m_code,stage_code,finding\n7,T2,N1,M0,IIIC,\n")
    assert ours.fact("stage_groups").rows() == [("7", "T2", "N1", "M0", "IIIC", None)]
    assert ours.fact("node_counts").equals(BUILT_IN.fact("node_counts"))
    tumours = pl.DataFrame({"tnm_edition_code": ["7"], "t_code": ["T2"], "n_code": ["N1"], "m_code": ["M0"]})
    assert derive_stage(tumours, ours.fact("stage_groups"))["stage_derived_code"].to_list() == ["IIIC"]


def test_names_every_mistake_of_such_a_table(tmp_path: Path) -> None:
    text = "tnm_edition_code,n_code,min_positive,max_positive\n7,N9,1,3\n7,N1,one,3\n7,N2,4,9\n7,N2,4,9\n"
    with pytest.raises(ConfigurationError) as caught:
        with_table(tmp_path, "node_counts", text)
    assert [str(mistake) for mistake in caught.value.mistakes] == [
        "vocabularies/node_counts.csv:2: 'n_code': n_category has no such code",
        "vocabularies/node_counts.csv:3: min_positive is not a whole number",
        "vocabularies/node_counts.csv:5: the same tnm_edition_code and n_code as line 4",
    ]


def test_tells_every_mistake_in_one_go(tmp_path: Path) -> None:
    """One that stands alone must not hide one that is seen only when rows are compared."""
    found = mistakes(
        tmp_path,
        "domain,spelling,code\nlaterality,,leftt\nlaterality,foo,left\nlaterality,foo,right\nmonth,12,13\nmonth,jenner,1\nmonth,jenner,2\n",
    )
    assert [line for line in found if "text_rules" not in line] == [
        "vocabularies/ours.csv:2: laterality has no such code (did you mean left?)",
        "vocabularies/ours.csv:2: the spelling is empty",
        "vocabularies/ours.csv:4: laterality: the spelling means left and right",
        "vocabularies/ours.csv:5: the name of a month needs letters",
        "vocabularies/ours.csv:5: there is no such month (the code of a month is its number, 1 to 12)",
        "vocabularies/ours.csv:7: month: one spelling means two months",
    ]
