"""The words of treatment cells by what a field holds, made of the vocabularies of a project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import polars as pl

from etl.normalise.treatment_reading import NO_TREATMENT
from etl.normalise.treatment_text import declared, folded
from etl.normalise.treatment_words import SURGERY, Lexicon, Names, Word, lexicon, longest_first, of_the_whole
from schemas.vocabulary import Vocabularies


def words_of_treatment(vocabularies: Vocabularies) -> Lexicon:
    """The lexicon of cells of drugs and radiation with the names of the vocabularies."""
    modality = dict(vocabularies.table("drug").select("drug_code", "modality_code").iter_rows())
    blocks = vocabularies.table("regimen_drug").select("regimen_code", "block_no", "drug_code", "interval_days")
    found = lexicon(
        Names(
            drugs=tuple((text, code, modality[code]) for text, code in vocabularies.spellings("drug").iter_rows()),
            regimens=tuple(vocabularies.spellings("regimen").iter_rows()),
            blocks=tuple(blocks.iter_rows()),
            volumes=tuple(vocabularies.spellings("radiation_volume").iter_rows()),
            ambiguous=tuple(text for domain in ("drug", "regimen") for text in vocabularies.ambiguous(domain)),
            reasons=tuple(vocabularies.spellings("stop_reason").iter_rows()),
            own=tuple(vocabularies.own("regimen")),
        )
    )
    drugs_of = _drugs_of(blocks)
    n_drugs = {regimen: len(drugs) for regimen, drugs in drugs_of.items()}
    rivals, all_drugs_of = _rivals(vocabularies.table("drug")), _drugs_of(blocks, is_whole=True)
    return replace(found, n_drugs=n_drugs, drugs_of=drugs_of, all_drugs_of=all_drugs_of, rivals=rivals)


def _rivals(drugs: pl.DataFrame) -> dict[str, str]:
    """By drug the class of which nobody has two at once (`one_of_a_class`); drugs of other classes are not in it."""
    told = drugs.select("drug_code", "drug_class").drop_nulls().iter_rows()
    return {drug: one for drug, said in told for one in declared()["one_of_a_class"] if said.startswith(one)}


def _drugs_of(blocks: pl.DataFrame, *, is_whole: bool = False) -> dict[str, frozenset[str]]:
    """The drugs of each regimen of one block; `is_whole`: of each regimen, all its blocks together."""
    told = blocks.group_by("regimen_code").agg("drug_code", last=pl.col("block_no").max(), first=pl.col("block_no").min())
    single = told.filter((pl.col("first") == pl.col("last")) | is_whole).select("regimen_code", "drug_code")
    return {regimen: frozenset(drugs) for regimen, drugs in single.iter_rows()}


def words_of_operations(vocabularies: Vocabularies) -> Lexicon:
    """The lexicon of cells of operations (`modality: surgery`): each a component of its own. Drugs, regimens and radiation are no
    words there, nor is a spelling that needs a site."""
    words = _operations(vocabularies) | of_the_whole(declared())
    return Lexicon(words, {}, (), frozenset(), longest_first(words), {}, {}, organ=_organs(vocabularies))


def _organs(vocabularies: Vocabularies) -> dict[str, str]:
    """The organ of each operation, empty where it may be any."""
    return {code: of or "" for code, of in vocabularies.table("procedure").select("procedure_code", "organ_code").iter_rows()}


def _operations(vocabularies: Vocabularies) -> dict[str, Word]:
    """The names of operations, one or several in a word (SMAC)."""
    known = vocabularies.spellings("procedure").iter_rows()
    words = {folded(text): _operation(text, code) for text, code in known if code not in declared()["no_operation"]}
    for text, codes in declared()["operations"].items():
        words[text] = Word("operations", text, {}, tuple(_operation(text, code).values for code in codes))
    return words


def _operation(text: str, code: str) -> Word:
    return Word("component", text, {"modality_code": SURGERY, "procedure_code": code})


def words_of_both(vocabularies: Vocabularies, drugs: Lexicon) -> Lexicon:
    """The lexicon of cells of any kind of treatment (`Mastectomy + chemo`): operations beside `drugs`, the lexicon of drugs and
    radiation. A word that is both a drug and an operation is the drug, and beside an operation neither (`shared`)."""
    surgery = _operations(vocabularies)
    added = {text: word for text, word in surgery.items() if text not in drugs.words and text not in declared()["operations_only"]}
    words = {**drugs.words, **added} | {text: Word("component", text, {"modality_code": SURGERY}) for text in declared()["operation"]}
    shared = frozenset(surgery.keys() & drugs.words.keys())
    return replace(drugs, words=words, names=longest_first(words), organ=_organs(vocabularies), shared=shared)


def by_modality(vocabularies: Vocabularies) -> Callable[[str | None], Lexicon]:
    """The lexicon of a field by the modality that its contract says, each made where a field first asks for it."""

    @cache
    def drugs() -> Lexicon:
        return words_of_treatment(vocabularies)

    @cache
    def surgery() -> Lexicon:
        return words_of_operations(vocabularies)

    @cache
    def both() -> Lexicon:
        return words_of_both(vocabularies, drugs())

    return lambda modality: surgery() if modality == SURGERY else both() if modality in (None, NO_TREATMENT) else drugs()
