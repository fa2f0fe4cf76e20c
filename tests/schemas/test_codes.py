"""The shipped lists: one for every domain of the dictionary, no code and no spelling twice, with source and licence."""

from __future__ import annotations

from importlib.resources import files

import polars as pl
import pytest

from schemas import facts, items
from schemas.core.errors import ConfigurationError
from schemas.pages import main, pages
from schemas.vocabularies import code_list
from schemas.vocabulary import load

SCHEMAS = files("schemas")
FACTS = [f"codes/{p.name}" for p in SCHEMAS.joinpath("codes").iterdir()] + [
    "drugs.csv", "regimens.csv", "regimen_drugs.csv", "sites.csv", "procedures.csv", "stage_groups.csv", "stage_editions.csv",
    "node_counts.csv", "unknown_tokens.csv", "ambiguous_spellings.csv", "context_spellings.csv", "text_rules.csv",
    "months.csv", "sentinel_dates.csv", "date_flags.csv", "filler_identifiers.csv", "name_particles.csv",
    "tnm_family_words.csv", "date_part_words.csv", "time_words.csv",
    "name_titles.csv", "stage_prefixes.csv", "marker_intensities.csv", "other_stains.csv", "clause_words.csv", "clause_rules.csv",
    "never_plain.csv",
]  # fmt: skip


@pytest.mark.parametrize("domain", sorted(code_list.domains()))
def test_has_a_list_for_every_domain_of_the_dictionary(domain: str) -> None:
    assert load().codes(domain)


def test_has_no_list_that_the_dictionary_does_not_name() -> None:
    assert {path.name.removesuffix(".csv") for path in SCHEMAS.joinpath("codes").iterdir()} <= code_list.domains()


@pytest.mark.parametrize("name", sorted(FACTS))
def test_says_source_licence_and_certainty(name: str) -> None:
    assert facts.provenance(SCHEMAS.joinpath(name).read_text(encoding="utf-8"), name) == []


def test_names_a_file_that_lacks_its_source() -> None:
    mistakes = facts.provenance("# licence: x\n# certainty: K\ncode\na\n", "codes/x.csv")
    assert [str(m) for m in mistakes] == ["codes/x.csv:1: no line '# source:'"]


def test_maps_no_spelling_to_two_codes() -> None:
    assert code_list.clashes(code_list.everything()) == []


@pytest.mark.parametrize("domain", sorted(code_list.domains()))
def test_numbers_the_codes_in_their_order(domain: str) -> None:
    rows = code_list.rows(domain)
    assert [row["sort"] for row in rows] == [str(i) for i in range(1, len(rows) + 1)]
    assert {row["certainty"] for row in rows} <= set("VSDKU")


def listing(*texts: tuple[str, str]) -> pl.DataFrame:
    rows = [facts.Row("codes/sex.csv", line, {"code": code, "spelling": text}) for line, (text, code) in enumerate(texts, 7)]
    return code_list.listed(("sex", row["spelling"], "", row["code"], "spelling", row) for row in rows)


def test_finds_a_spelling_with_two_codes_whatever_its_case() -> None:
    mistakes = code_list.clashes(listing(("W", "female"), ("Mann", "male"), ("w", "male")))
    # line 7 says female, line 9 male
    assert str(mistakes[0]) == "codes/sex.csv:9: sex: the spelling means female and male"


def test_refuses_a_row_that_does_not_fit_its_header() -> None:
    rows, mistakes = facts.parse('# x\n# y\ncode,label\na,"A, b"\nb\n', "codes/x.csv", ("code", "label"))
    assert [(row.line, row["label"]) for row in rows] == [(4, "A, b")]
    assert [str(m) for m in mistakes] == ["codes/x.csv:5: 1 cells where the header has 2"]


def test_refuses_a_file_without_a_needed_column() -> None:
    with pytest.raises(ConfigurationError, match="column fate is missing"):
        facts.shipped("codes/sex.csv", "code", "fate")


@pytest.mark.parametrize(("name", "table"), [(n, f"dim_{n}") for n in ("drug", "regimen", "site", "procedure", "stage")])
def test_gives_every_dimension_the_columns_of_its_star_table(name: str, table: str) -> None:
    rows = load().table(name)
    wanted = [column for column in items.columns(table, "star") if not column.name.endswith("_key")]
    assert rows.schema == {column.name: column.polars for column in wanted}
    assert {c.name: rows[c.name].null_count() for c in wanted if not c.nullable and rows[c.name].null_count()} == {}
    identity = [column.name for column in wanted if column.item.role == "identity"]
    assert rows.select(identity).is_duplicated().sum() == 0
    for column in wanted:
        if column.item.domain in code_list.domains():
            assert set(rows[column.name].drop_nulls()) <= load().codes(column.item.domain)


def test_takes_regimens_apart_into_known_drugs() -> None:
    vocabularies = load()
    parts = vocabularies.table("regimen_drug")
    assert set(parts["drug_code"]) <= vocabularies.codes("drug")
    assert set(parts["regimen_code"]) == set(vocabularies.codes("regimen"))
    assert parts.select("regimen_code", "block_no", "drug_code").is_duplicated().sum() == 0
    assert parts.filter(pl.col("regimen_code") == "ddAC-T").drop("regimen_code").rows() == [
        (1, "doxorubicin", 4, 14), (1, "cyclophosphamide", 4, 14), (2, "paclitaxel", 4, 14),
    ]  # fmt: skip


def test_gives_sites_only_topography_that_the_list_knows() -> None:
    assert set(load().table("site")["topography_code"].drop_nulls()) <= load().codes("topography")


def test_keeps_stages_of_an_unknown_edition() -> None:
    stages = load().table("stage").filter(pl.col("tnm_edition_code") == "unknown")
    assert dict(stages.select("stage_code", "stage_class_code").rows())["IIIC"] == "III"
    assert set(stages["stage_code"]) == load().codes("stage")


def test_finds_the_generated_pages_up_to_date() -> None:
    assert main(["--check"]) == 0


def test_exits_1_where_a_generated_page_differs(tmp_path, capsys) -> None:
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    tmp_path.joinpath("dictionary.md").write_text("old", encoding="utf-8")
    assert main(["--check"], tmp_path) == 1
    assert "docs/dictionary.md differs" in capsys.readouterr().err


def test_shows_every_table_and_domain_on_the_pages() -> None:
    text = pages()
    for layer in ("staging", "star", "mart"):
        assert all(f"### {table}\n" in text["dictionary.md"] for table in items.tables(layer))
    assert all(f"## {domain}\n" in text["code_lists.md"] for domain in code_list.domains())
