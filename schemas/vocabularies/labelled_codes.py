"""A code of morphology with its label beside it (`85003_Infiltrating duct carcinoma`, `IDC (8500/3)`): read where both say the same.

Works on the distinct texts of a column. A label that no list knows leaves the text as it is, for the rules of text_rules.csv.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from schemas.vocabularies.spelling import rules

DOMAINS = ("histology",)
DIFFERS = " contradicted"  # behind a code whose label means another
# folded texts: M-8500/3, 85003, 8500 / 3 before or behind words; 12345 is no code of ICD-O-3 but the number of a specimen
_CODE = r"m?[ -]?([89]\d{3}) ?/? ?(\d)"
_IN_FRONT, _BEHIND = rf"^{_CODE}[-:=_,. (]+(\p{{L}}.*?)\)?$", rf"^(\p{{L}}.*?)[-:=_,. (\[]+{_CODE}\)?\]?$"
# a label that names no type fits every invasive one
_ANY_TYPE = ("8000/3", "8010/3", "8140/3")
_IN_SITU, _INVASIVE = r"\bin[ -]?situ\b|\bintraduct|\bnon[ -]?(?:in[vf])|\bdcis\b|\blcis\b", r"\b(?:invasi|infiltr|inv\b)"
_DENIED, _PAGET = r"\b(?:non?|not|without)[ -]?in[vf]\w*", r"\bpaget"
_DUCT, _LOBULE = r"du[ck]t|canal", r"lob[uú]l"


def plain(texts: pl.DataFrame, meaning: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """`texts` (one row per distinct text, column `text` folded) with the code alone where the label beside it means the same, and with
    what no list knows where they contradict each other, or no list knows the code. `meaning`: the rows with `code`, by their `text`."""
    text = pl.col("text")
    label = pl.coalesce(text.str.extract(_IN_FRONT, 3), text.str.extract(_BEHIND, 1))
    parts = texts.with_columns(written=_written(text), label=label)
    if not parts["written"].count():
        return texts
    named, known = (meaning(parts.select(pl.exclude("text", name), text=name))["code"] for name in ("label", "written"))
    said = parts.with_columns(named=named, known=known)
    agrees = (pl.col("named") == pl.col("written")) | (pl.col("named").is_in(_ANY_TYPE) & pl.col("written").str.ends_with("/3"))
    is_another = pl.col("written").is_not_null() & pl.col("known").is_null()  # of a lymphoma, say: the words are not asked
    elsewhere = [pl.col("label").str.contains(rule["pattern"]) for rule in rules("histology", "elsewhere")]
    differs = (
        is_another
        | pl.any_horizontal(pl.lit(value=False), *elsewhere).fill_null(value=False)
        | pl.when(pl.col("named").is_not_null()).then(~agrees).otherwise(_contradicts())
    )
    made = pl.when(differs).then(pl.concat_str("written", pl.lit(DIFFERS))).when(agrees).then("written").otherwise("text")
    return texts.with_columns(said.select(made.fill_null(text).alias("text")))


def is_another(texts: pl.Series, found: pl.Series) -> pl.Series:
    """Whether a code stands in each folded text and is not the one found by its words: `8504/3 intracystic carcinoma` is no 8010/3."""
    written = _written(pl.col("text"))
    return pl.DataFrame([texts.alias("text"), found.alias("found")]).select((written != pl.col("found")).fill_null(value=False)).to_series()


def _written(text: pl.Expr) -> pl.Expr:
    """The code in front of a label or behind it, with its slash; null where there is none."""
    digits = [pl.coalesce(text.str.extract(_IN_FRONT, place), text.str.extract(_BEHIND, place + 1)) for place in (1, 2)]
    return pl.concat_str(*digits, separator="/")


def _contradicts() -> pl.Expr:
    """Whether the words of a label that no list knows are of the other behaviour, or of the other of the two types of most tumours."""
    code, label = pl.col("written"), pl.col("label")
    # both are said of intraductal and infiltrating carcinoma; 8543/3 is Paget disease and intraductal carcinoma
    invasive = label.str.replace_all(_DENIED, "").str.contains(_INVASIVE)
    paget, is_paget = label.str.contains(_PAGET), code.str.starts_with("854")
    in_situ = label.str.contains(_IN_SITU) & ~invasive & ~(paget & is_paget)
    duct, lobule = label.str.contains(_DUCT), label.str.contains(_LOBULE)
    behaviour = (code.str.ends_with("/3") & in_situ) | (code.str.ends_with("/2") & invasive)
    kind = (code.str.starts_with("8500/") & lobule & ~duct) | (code.str.starts_with("8520/") & duct & ~lobule)
    return behaviour | kind | (paget & ~is_paget)
