"""The verdict on one claim: what the publication says against what was recomputed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from schemas.claims import AT_LEAST, AT_MOST, COUNT, EXTERNAL, MONTHS, OUTCOME, Claim, Expected, Part, published_numbers
from warehouse.claims import Measured, Recomputed
from warehouse.digits import given

AGREES, CONTRADICTS, BOUND_ONLY, NOT_DERIVABLE = "agrees", "contradicts", "bound_only", "not_derivable"
UNDER_CONVENTION, SIMULATED = "under_convention", "not_applicable_simulated"
# Of several verdicts on the numbers of one claim the first that occurs is that of the claim.
OF_NUMBERS = (CONTRADICTS, NOT_DERIVABLE, BOUND_ONLY, AGREES)
# Of the women and the arithmetic of the publication: one contradiction is enough, and what one of them bears out is borne out.
OF_SIDES = (CONTRADICTS, AGREES, BOUND_ONLY, NOT_DERIVABLE)
BETWEEN = {AT_MOST: "at most ", AT_LEAST: "at least "}
# Decimals of a value that is printed beside a number without any: months and shares are no whole numbers.
DECIMALS = 2


@dataclass(frozen=True)
class Verdict:
    """What is published of one claim. `value`: the recomputed number where the claim has one only."""

    verdict: str
    recomputed: str
    note: str
    value: float | None = None


def judge(claim: Claim, found: Recomputed, *, days_per_month: float, is_simulated: bool, refusal: str = "") -> Verdict:
    """The verdict on one claim; of a study whose numbers are refused nothing is said that stands on its women."""
    if claim["kind"] == EXTERNAL:
        return Verdict(EXTERNAL, "", claim["note"])
    if is_simulated and claim["kind"] == OUTCOME:
        return Verdict(SIMULATED, "", "")
    if refusal:
        return Verdict(NOT_DERIVABLE, "", "the numbers of the study are refused")
    parts = [_scaled(claim, measured, days_per_month) for measured in found.parts]
    of_women = _first(OF_NUMBERS, [_of_part(claim, part, got) for part, got in zip(claim.parts, parts, strict=False)])
    of_paper = _first(OF_NUMBERS, _of_arithmetic(claim, found.arithmetic))
    verdict = _first(OF_SIDES, [of_women, of_paper])
    shown = verdict if verdict != AGREES or not claim["convention"] else UNDER_CONVENTION
    is_of_women = of_women != NOT_DERIVABLE or of_paper == NOT_DERIVABLE
    recomputed = _printed_women(claim, parts) if is_of_women else _printed_numbers(claim, found.arithmetic)
    value = parts[0].value if is_of_women and len(parts) == 1 else found.arithmetic[0] if len(found.arithmetic) == 1 else None
    return Verdict(shown, recomputed, _note(claim, parts, found, shown, is_of_women), value)


def rounded(value: float, decimals: int) -> Decimal:
    """Half up, as the tables of a publication round; nine decimals are exact enough to tell a half."""
    return Decimal(repr(round(value, 9))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _scaled(claim: Claim, measured: Measured, days_per_month: float) -> Measured:
    """Days as months where the claim speaks of months."""
    if claim["unit"] != MONTHS or measured.value is None:
        return measured
    most = None if measured.most is None else measured.most / days_per_month
    return Measured(measured.value / days_per_month, most, measured.asked, measured.unknown, measured.reason)


def _of_part(claim: Claim, part: Part, got: Measured) -> str:
    if got.value is None or part.expected is None or not part.is_counted:
        return NOT_DERIVABLE
    least, most = got.value, got.value if got.most is None else got.most
    if claim["bound"]:
        return BOUND_ONLY if _within(claim["bound"], part.expected, least) else CONTRADICTS
    answers = {_holds(part.expected, least), _holds(part.expected, most)}
    if answers == {True}:
        return AGREES
    said = float(part.expected.number)
    return BOUND_ONLY if True in answers or (not part.expected.sign and least < said < most) else CONTRADICTS


def _of_arithmetic(claim: Claim, values: Sequence[float | None]) -> list[str]:
    """Each number against its own expression; several numbers against one expression that is their sum."""
    said = [part.expected for part in claim.parts]
    if not values or None in said:
        return [NOT_DERIVABLE]
    stated = [expected for expected in said if expected is not None]
    if len(values) == 1 < len(stated):
        stated = [Expected("", sum((expected.number for expected in stated), Decimal(0)))]
    return [_against(claim, expected, value) for expected, value in zip(stated, values, strict=True)]


def _against(claim: Claim, expected: Expected, value: float | None) -> str:
    if value is None:
        return NOT_DERIVABLE
    if claim["bound"]:
        return BOUND_ONLY if _within(claim["bound"], expected, value) else CONTRADICTS
    return AGREES if _holds(expected, value) else CONTRADICTS


def _holds(expected: Expected, value: float) -> bool:
    """Whether a value is what is said, rounded as it is printed; a side is held against the value as it is published."""
    number, value = float(expected.number), given(value)
    sides = {">": value > number, ">=": value >= number, "<": value < number, "<=": value <= number}
    return sides[expected.sign] if expected.sign else rounded(value, decimals(expected)) == expected.number


def _within(bound: str, expected: Expected, value: float) -> bool:
    limit = rounded(value, decimals(expected))
    return expected.number <= limit if bound == AT_MOST else expected.number >= limit


def decimals(expected: Expected) -> int:
    """How many decimals a number is printed with."""
    return max(0, -int(expected.number.as_tuple().exponent))


def _first(order: Sequence[str], found: Sequence[str]) -> str:
    return next((word for word in order if word in found), NOT_DERIVABLE)


def _printed_women(claim: Claim, parts: Sequence[Measured]) -> str:
    said = [_printed(claim, part, got) for part, got in zip(claim.parts, parts, strict=False) if got.value is not None]
    return "; ".join(said)


def _printed(claim: Claim, part: Part, got: Measured) -> str:
    assert got.value is not None
    text = f"{BETWEEN.get(claim['bound'], '')}{_number(part.expected, got.value)}"
    is_range = part.statistic in ("", COUNT) and got.most is not None and got.most > got.value and not claim["bound"]
    return f"{text} to {_number(part.expected, got.most)}" if is_range and got.most is not None else text


def _printed_numbers(claim: Claim, values: Sequence[float | None]) -> str:
    first = claim.parts[0].expected
    return "; ".join(f"{BETWEEN.get(claim['bound'], '')}{_number(first, value)}" for value in values if value is not None)


def _number(expected: Expected | None, value: float) -> str:
    """Whole numbers as such; others with two decimals, or more where the publication prints more."""
    if value == int(value) and (expected is None or not decimals(expected)):
        return str(int(value))
    return str(rounded(value, max(DECIMALS, decimals(expected) if expected is not None else 0)))


def _note(claim: Claim, parts: Sequence[Measured], found: Recomputed, verdict: str, is_of_women: bool) -> str:
    """The convention, why something is not known, what other numbers of the publication say, the author's note."""
    said = [claim["convention"]] if verdict == UNDER_CONVENTION else []
    said += dict.fromkeys(part.reason for part in parts if part.reason)
    said += [f"{part.unknown} of {part.asked} not known" for part in parts if part.unknown and part.value is not None]
    said += [f"{name} is not available in this release" for name in found.lacking]
    said += [_of_paper(claim, found, is_of_women)] if found.arithmetic and not found.lacking else []
    return "; ".join(dict.fromkeys(filter(None, (*said, claim["note"]))))


def _of_paper(claim: Claim, found: Recomputed, is_of_women: bool) -> str:
    """What was held against other numbers of the publication; nothing of numbers of the release, which stand on women."""
    if any(published_numbers(text) for text in claim.arithmetic):
        return ""
    what = "their sum is held" if len(found.arithmetic) < len(claim.parts) else "held"
    other = f" ({_printed_numbers(claim, found.arithmetic)})" if is_of_women else ""
    return f"{what} against other numbers of the publication{other}"
