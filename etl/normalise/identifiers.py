"""Identifiers of persons in the one form in which they can be compared: numbers, names, postcodes.

Nothing of this reaches the warehouse: the numbers become pseudonyms, all else goes to linkage and the vault.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache

import polars as pl

from etl.normalise.distinct import Distinct
from etl.normalise.issuers import issuers, own_issuer
from etl.normalise.notes import Notes
from etl.normalise.result import IDENTIFIERS
from schemas.contract import Contract, Identifier
from schemas.core.date_writing import plain_signs
from schemas.core.frames import changes
from schemas.core.ids import source_row_ids
from schemas.date_words import filler_pattern, unknown_words
from schemas.facts import shipped
from schemas.vocabularies.spelling import fold

# What a valid one looks like where the contract does not say; a made-up national number has a letter, seven digits and a letter.
VALID = {"nric": r"^[A-Z][0-9]{7}[A-Z]$", "hospital_number": r"^[A-Z0-9]+(?:-[A-Z0-9]+)*$", "postcode": r"^[A-Z0-9]{3,10}$"}
SCIENTIFIC = r"^([0-9])(?:[.,]([0-9]+))?E\+?([0-9]{1,2})$"
PLAIN, PLAIN_WITH_SIGN = r"^[A-Z0-9]+$", r"^[A-Z0-9]+(?:-[A-Z0-9]+)*$"
UNSEEN = r"[\p{Cf}\u{a0}]"
SHORTEST = 5  # a text of capitals and digits that might be 1E10 is shorter
NAMES = ("family_name", "given_name", "name")


def declared(contract: Contract) -> dict[str, Identifier]:
    """The fields of one contract that hold an identifier of a known kind, by their name."""
    return {name: field.identifier for name, field in contract.fields.items() if isinstance(field.identifier, Identifier)}


def without_unknown(texts: pl.Series) -> pl.Series:
    """Identifiers without what stands where nobody knows (unbekannt, 0, 99999, xxx): all the women who have it are not one."""
    texts = _seen(plain_signs(texts))  # １２３ is the woman 123
    texts = _without(texts, texts.str.contains(filler_pattern()).fill_null(value=False).arg_true())
    places = texts.str.contains(_may_be_unknown()).fill_null(value=False).arg_true()
    if places.is_empty():
        return texts
    unknown = texts.gather(places).to_frame().select(fold(pl.col(texts.name)).is_in(list(unknown_words()))).to_series()
    return _without(texts, places.filter(unknown))


def _seen(texts: pl.Series) -> pl.Series:
    """The texts without what no eye sees: P1 with a mark of no width behind it is no other woman. Null where nothing is left."""
    if (texts.str.len_bytes() == texts.str.len_chars()).all():
        return texts
    places = texts.str.contains(UNSEEN).fill_null(value=False).arg_true()
    if places.is_empty():
        return texts
    plain = texts.gather(places).str.replace_all(r"\p{Cf}", "").str.replace_all("\u00a0", " ").str.strip_chars()
    return texts.clone().scatter(places, plain.set(plain == "", None))


def _without(texts: pl.Series, places: pl.Series) -> pl.Series:
    return texts.clone().scatter(places, None) if len(places) else texts


@cache
def _may_be_unknown() -> str:
    """A pattern of texts that begin as one of the words does, or with what folding may turn into its beginning: few have to be folded."""
    seconds: dict[str, set[str]] = defaultdict(set)
    for word in unknown_words():
        seconds[word[0]].add(word[1:2])
    folded = r"[\s.\-]|[^\x00-\x7f]|$"
    begins = [
        f"{re.escape(first)}(?:{'|'.join(re.escape(second) for second in sorted(then - {''}))}|{folded})" for first, then in seconds.items()
    ]
    return rf"(?i)^\s*(?:[^\x00-\x7f]|{'|'.join(sorted(begins))})"


def numbers(texts: pl.Series, said: Identifier) -> pl.Series:
    """Identifying numbers in capitals, without blanks and signs between (a hospital's keeps one `-` there); null where empty.

    A number that a spreadsheet wrote as 1.2345E+04 is written out where no digit was lost, and left as it is otherwise
    (it is no valid number then); zeros lost at its front are put back where the contract says how many `digits` it has.
    """
    odd = (~_is_plain(texts, said)).arg_true()
    if odd.len() < texts.len():
        return texts if odd.is_empty() else texts.scatter(odd, _distinct(texts.gather(odd), lambda found: _number(found, said)))
    return _distinct(texts, lambda found: _number(found, said))


def _is_plain(texts: pl.Series, said: Identifier) -> pl.Series:
    """Whether a number stands there in its one form already, as most do: nothing to be taken out or put back; null where empty."""
    form = texts.str.contains(PLAIN_WITH_SIGN if said.kind == "hospital_number" else PLAIN)
    return form & (texts.str.len_bytes() >= max(SHORTEST, said.digits or 0))


def _number(texts: pl.Series, said: Identifier) -> pl.Series:
    bare = texts.str.to_uppercase().str.replace_all(r"\s", "")
    parts = bare.str.extract_groups(SCIENTIFIC).struct.unnest()
    lead, rest, power = (parts[name] for name in parts.columns)
    digits = lead + rest.fill_null("")
    width = power.cast(pl.Int64) + 1
    exact = (digits.str.len_chars() <= width).fill_null(value=False)
    frame = pl.DataFrame({"bare": bare, "digits": digits, "width": width, "exact": exact})
    plain = pl.col("bare").str.replace(r"^([0-9]+)\.0+$", "$1")
    whole = pl.col("digits") + pl.lit("0").repeat_by((pl.col("width") - pl.col("digits").str.len_chars()).clip(0)).list.join("")
    # the parts of a hospital's number may mean something: 1-23 and 12-3 are two people
    clean = (
        plain.str.replace_all(r"[-/.]", "")
        if said.kind != "hospital_number"
        else plain.str.replace_all(r"[-/.]+", "-").str.strip_chars("-")
    )
    lost = pl.col("bare").str.contains(SCIENTIFIC) & ~pl.col("exact")
    chosen = pl.when(pl.col("exact")).then(whole).when(lost).then("bare").otherwise(clean)
    out = frame.select(found=chosen).to_series()
    if said.digits is not None:
        is_whole = out.str.contains(r"^[0-9]+$").fill_null(value=False)
        out = pl.select(pl.when(is_whole).then(out.str.zfill(said.digits)).otherwise(out)).to_series()
    return out


def is_valid(values: pl.Series, said: Identifier) -> pl.Series:
    """Whether each number looks as it should; null where empty."""
    valid = values.str.contains(said.pattern or VALID[said.kind])
    return valid & (values.str.len_chars() == said.digits) if said.digits is not None else valid


def names(parts: list[pl.Series]) -> pl.Series:
    """Names in one form: small letters without accents and titles, their words in order of the alphabet; null where a part
    of it is missing or said not to be known (with the given name alone she is many)."""
    table = pl.DataFrame({str(number): part for number, part in enumerate(parts)})
    lost = pl.any_horizontal(without_unknown(part).is_null() for part in table)
    joined = pl.concat_str(pl.all(), separator=" ", ignore_nulls=True)
    told = _distinct(table.select(pl.when(~lost).then(joined)).to_series(), _name)
    return _without(told, told.str.contains(_no_name()).fill_null(value=False).arg_true())


@cache
def _no_name() -> str:
    """A pattern of names in which a word says that it is not known (Unknown Unknown, Tan Unknown); shorter words may be names (Na)."""
    said = sorted(word for word in unknown_words() if re.fullmatch(r"[a-z]{5,}", word))
    return rf"(?:^| )(?:{'|'.join(said)})(?: |$)"


@cache
def _titles() -> list[str]:
    """Words that are no part of a name (name_titles.csv)."""
    return [row["title"] for row in shipped("name_titles.csv", "title", "meaning")]


def _name(texts: pl.Series) -> pl.Series:
    plain, accented = texts.str.to_lowercase(), (texts.str.len_bytes() > texts.str.len_chars()).arg_true()
    if len(accented):  # few names have letters beyond ASCII, and only those have anything that is to be taken off
        bare = texts.gather(accented).str.normalize("NFKD").str.replace_all(r"\p{M}", "")
        plain = plain.scatter(accented, bare.str.to_lowercase().str.replace_all("ß", "ss"))
    words = plain.str.replace_all(r"['’`]", "").str.replace_all(r"[^\p{L}]+", " ").str.strip_chars().str.split(" ")
    told = pl.DataFrame({"words": words}).with_row_index("row").with_columns(pl.col("words").list.set_difference(pl.lit(_titles())))
    # sorted as rows, which is much quicker than in their lists
    rows = told.explode("words", empty_as_null=True, keep_nulls=True).sort("row", "words")
    frame = rows.group_by("row", maintain_order=True).agg("words").select(pl.col("words").list.join(" "))
    return frame.select(pl.when(pl.col("words") != "").then(pl.col("words"))).to_series()


def _distinct(texts: pl.Series, clean: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`clean` applied to the distinct texts only; to all as they stand where most are different, as names are."""
    if 2 * int(texts.approx_n_unique() or 0) > len(texts):  # type: ignore[arg-type]  # a whole number
        return clean(texts).alias(texts.name)
    cells = Distinct.of(texts.to_frame())
    if cells.table.is_empty():
        return texts
    return cells.spread(clean(cells.table.to_series()).to_frame(texts.name)).to_series()


def identifiers(
    rows: pl.DataFrame, persons: list[tuple[pl.Series, pl.Series]], contract: Contract, notes: Notes, clean: Mapping[str, pl.Series],
) -> pl.DataFrame:  # fmt: skip
    """What each row tells of its person (IDENTIFIERS without the file and without kinds that no field holds), one row per distinct
    combination and person (of an upserted file one per row, since rows may be replaced: etl.superseding).

    `persons` has, per way of naming the person, the key of each row's person and the number in clear.
    `clean` has the numbers of some fields in their one form. Numbers that do not look as they should are noted and tell nothing.
    Of several hospital numbers in a row each but the first is a row of its own.
    """
    found = _first_told(rows, persons, contract, notes, clean)
    further = [_number_alone(rows, persons, contract, notes, clean, field=name) for name in _further(contract)]
    return pl.concat([found, *further], how="diagonal") if further else found


def _further(contract: Contract) -> list[str]:
    """The fields with a hospital number besides the first; of several that are all the source's own the first alone counts."""
    own = {name: said for name, said in declared(contract).items() if said.kind == OWN}
    plain = [name for name, said in own.items() if said.issuer is None]
    return [name for name in own if name not in plain[1:]][1:]


def _number_alone(
    rows: pl.DataFrame, persons: list[tuple[pl.Series, pl.Series]], contract: Contract, notes: Notes, clean: Mapping[str, pl.Series],
    *, field: str,
) -> pl.DataFrame:  # fmt: skip
    """What a further hospital number of the rows tells, as `identifiers` has it."""
    number = _checked(rows, field, declared(contract)[field], notes, clean).alias(OWN)
    clear = [number, *_issuer(rows, field, number, contract).values()]
    found = pl.concat(
        pl.DataFrame([hers.alias("patient_key"), named_by.alias("patient_id"), *clear, rows["source_row"]]) for hers, named_by in persons
    )
    found = found.filter(pl.col("patient_key").is_not_null() & pl.col(OWN).is_not_null()).sort("source_row", "patient_key")
    by = found.columns if contract.delivery == "upsert" else [name for name in found.columns if name != "source_row"]
    return found.unique(by, keep="first", maintain_order=True)


def _first_told(
    rows: pl.DataFrame, persons: list[tuple[pl.Series, pl.Series]], contract: Contract, notes: Notes, clean: Mapping[str, pl.Series],
) -> pl.DataFrame:  # fmt: skip
    """`identifiers` without further hospital numbers."""
    said = declared(contract)
    told: dict[str, pl.Series] = {}
    fields: dict[str, str] = {identifier.kind: name for name, identifier in reversed(said.items())}
    for kind in ("nric", OWN, "postcode"):
        if kind in fields:
            told[kind] = _checked(rows, fields[kind], said[fields[kind]], notes, clean)
    parts = [rows[name] for kind in NAMES for name, identifier in said.items() if identifier.kind == kind]
    if parts:
        told["name"] = names(parts)
    clear = {kind: told[kind].alias(kind) for kind in KINDS if kind in told}
    if OWN in fields:
        clear |= _issuer(rows, fields[OWN], told[OWN], contract)
    found = [
        pl.DataFrame([hers.alias("patient_key"), number.alias("patient_id"), *clear.values(), rows["source_row"]])
        for hers, number in persons
    ]
    by = ["patient_key", "patient_id", *clear]
    named = pl.concat(found).filter(pl.col("patient_key").is_not_null())
    if contract.delivery == "upsert":
        return named.select(*by, "source_row").sort("source_row", *by)
    if len(found) == 1:  # the rows in their order: the first of each combination has the least number
        hers = [kind for kind in clear if fields.get(kind) not in clean]  # the others follow from the number that makes her key
        if 2 * int((is_new := named.select(changes("patient_key", *hers)).to_series()).sum()) < named.height:
            named = named.filter(is_new)  # the rows of one person stand together
        return _firsts(named, ["patient_key", *hers]).select(*by, "source_row")
    return named.group_by(by).agg(pl.col("source_row").min()).sort("source_row", *by)


def _firsts(named: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The first row of each combination; the texts are looked at of persons who have several rows only."""
    several = named[by[0]].is_duplicated().arg_true()
    is_again = named.select(by)[several].select(~pl.struct(by).is_first_distinct()).to_series()
    again = several.filter(is_again)
    return named.filter(pl.repeat(True, named.height, dtype=pl.Boolean, eager=True).scatter(again, False)) if len(again) else named


OWN = "hospital_number"
KINDS = ("nric", OWN, "name", "postcode")


def _checked(rows: pl.DataFrame, field: str, said: Identifier, notes: Notes, clean: Mapping[str, pl.Series]) -> pl.Series:
    values = clean[field] if field in clean else numbers(without_unknown(rows[field]), said)
    valid = is_valid(values, said).fill_null(value=False)
    if said.kind != "postcode":
        notes.judge(
            "NORM-IDENTIFIER",
            "row",
            field,
            rows.select("source_row", pl.when(pl.col(field).is_not_null()).then(pl.lit("")).alias(field)),
            valid,
        )
    theirs = issuers(said, rows)
    return values.set(~valid if theirs is None else ~valid | theirs.is_null(), None)


def _issuer(rows: pl.DataFrame, field: str, number: pl.Series, contract: Contract) -> dict[str, pl.Series]:
    """The `issuer` beside each hospital number, where that is not the source of the file."""
    said = declared(contract)[field]
    told = issuers(said, rows)
    if told is None:
        own = own_issuer(said, contract)
        told = pl.repeat(own, rows.height, dtype=pl.String, eager=True) if own != contract.source else None
    return {} if told is None else {"issuer": told.set(number.is_null() | (told == contract.source), None).alias("issuer")}


def placed(found: pl.DataFrame, source: str, source_key: int, trust: int) -> pl.DataFrame:
    """The identifiers with the file they come from (IDENTIFIERS)."""
    constants = {"source": pl.lit(source), "trust": pl.lit(trust, pl.Int32)}
    constants |= {kind: pl.lit(None, pl.String) for kind in (*KINDS, "issuer") if kind not in found.columns}
    return found.with_columns(source_row_id=source_row_ids(source_key), **constants).select(
        pl.col(c).cast(kind) for c, kind in IDENTIFIERS.items()
    )
