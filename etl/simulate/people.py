"""Who is in the registry: the groups that the study needs, everybody else, and a made-up identity for each."""

from __future__ import annotations

import numpy as np
import polars as pl

from etl.simulate.known import YES, table
from etl.simulate.paper import BOTH_HOSPITALS, ELIGIBLE, groups
from etl.simulate.times import Days, Draws, dates

MEN_PER_WOMEN = 100  # one man per so many women
LEAST_WOMEN = 400
NUMBERS = 10_000_000
LETTERS = "ABCDEFGHJKLMNPQRTUWXYZ"
GIVEN = ("chemotherapy", "trastuzumab", "hormonal")


def groups_of(women: int, seed: int) -> pl.DataFrame:
    """One row per person but the thirteen, in the order of drawing: sex_code, arm, subgroup, outcome, what is given after a recurrence.

    `outcome` is `in_window` for the 309 other women of the study, else the subgroup of the arm `outside`; for those the drugs
    after a recurrence are null, they are drawn later.
    """
    study = groups().filter(pl.col("arm") != "metastasectomy")
    chosen = study.select(pl.exclude("women").repeat_by("women").explode())
    flags = [pl.col(name).replace_strict(YES, return_dtype=pl.Boolean) for name in GIVEN]
    eligible = chosen.with_columns(*flags, sex_code=pl.lit("female"), outcome=pl.lit("in_window"))
    others = women - ELIGIBLE
    draws = Draws(seed, "outside", others + women // MEN_PER_WOMEN)
    outcome = draws.code("outcome")
    sex = pl.Series(np.arange(draws.n) < others).replace_strict({True: "female", False: "male"}, return_dtype=pl.String)
    outside = pl.DataFrame({"subgroup": outcome, "outcome": outcome, "sex_code": sex}).with_columns(arm=pl.lit("outside"))
    return pl.concat([eligible, outside], how="diagonal")


def identities(birth: Days, table2_no: pl.Series, sex: pl.Series, fixed_ethnicity: pl.Series, seed: int) -> pl.DataFrame:
    """One row per person in the order given: everything of Truth.person but person_no, the thirteen first.

    `fixed_ethnicity` is theirs; they are in hospital a, two of them in both, and all their data with it.
    """
    draws = Draws(seed, "person", len(birth))
    known = table2_no.is_not_null()
    both = table2_no.is_in(BOTH_HOSPITALS).fill_null(False)
    drawn = draws.code("hospital")
    hospital = pl.select(pl.when(both).then(pl.lit("both")).when(known).then(pl.lit("a")).otherwise(drawn).alias("hospital"))["hospital"]
    ethnicity = draws.code("ethnicity")
    in_b = hospital != "a"
    return pl.DataFrame(
        {
            "nric": _nric(draws),
            "family_name": _name(draws, "family_name", "family_opening", "family_closing"),
            "given_name": _given(draws),
            "birth_date": dates(birth),
            "sex_code": sex,
            "ethnicity_code": pl.concat([fixed_ethnicity, ethnicity[len(fixed_ethnicity) :]]),
            "hospital": hospital,
            "table2_no": table2_no,
            "height_cm": draws.between("height", 1400, 1800) / 10,
            "weight_kg": draws.between("weight", 380, 1050) / 10,
            "number_b": _numbers(draws, "number_b", 2_345_671).str.zfill(8),
            "is_nric_known_b": draws.happens("nric_known_b", 0.9),
        }
    ).with_columns(pl.when(in_b).then(pl.col("number_b", "is_nric_known_b")))


def _numbers(draws: Draws, name: str, step: int) -> pl.Series:
    """Numbers that look drawn but are all different: steps round a circle of ten million from a drawn beginning."""
    begin = int(Draws(draws.seed, f"{draws.table}/begin", 1).uniform(name)[0] * NUMBERS)
    return pl.Series((begin + np.arange(draws.n, dtype=np.int64) * step) % NUMBERS).cast(pl.String)


def _nric(draws: Draws) -> pl.Series:
    """X, seven digits and a letter that checks nothing."""
    digits = _numbers(draws, "nric", 7_236_917)
    letter = draws.between("nric_letter", 0, len(LETTERS) - 1)
    parts = pl.DataFrame({"digits": digits.str.zfill(7), "letter": pl.Series(list(LETTERS)).gather(pl.Series(letter))})
    return parts.select(nric=pl.format("X{}{}", "digits", "letter"))["nric"]


def _given(draws: Draws) -> pl.Series:
    """One given name, or two for a third of the persons."""
    first, second = (_name(draws, f"given_{place}", "given_opening", "given_closing") for place in ("first", "second"))
    both = pl.DataFrame({"first": first, "second": second, "is_double": draws.happens("given_double", 0.33)})
    return both.select(name=pl.when("is_double").then(pl.concat_str("first", "second", separator=" ")).otherwise("first"))["name"]


def _name(draws: Draws, name: str, opening: str, closing: str) -> pl.Series:
    parts = []
    for part in (opening, closing):
        syllables = table("syllables").filter(pl.col("part") == part)["syllable"]
        index = draws.between(f"{name}/{part}", 0, len(syllables) - 1)
        parts.append(syllables.gather(pl.Series(index)).alias(part))
    return pl.DataFrame(parts).select(name=pl.concat_str(opening, closing))["name"]
