"""The rules of a drafted contract: one entry of `records` each, and both of a pair where rows have one of two numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from etl.draft.columns import Column
from schemas.contract import PERSON

# What stands where the column that names the person is not known.
WHICH = "WHICH_COLUMN"
NATIONAL = "_national"  # behind the name of a rule for the rows that have a national number alone
Setting = dict[str, object]


@dataclass(frozen=True)
class Rule:
    """One entry of `records`; `set` has for each column a source column or a mapping. `of`: the item whose rows it reads."""

    rule: str
    record: str
    set: Setting
    when: str | None = None
    each: str | None = None
    of: str | None = None

    def said(self) -> Mapping[str, object]:
        """As the contract says it."""
        given = {name: part if isinstance(part, dict) else {"from": part} for name, part in self.set.items()}
        more = {"when": self.when, "each": self.each}
        return {"rule": self.rule, "record": self.record, **{key: value for key, value in more.items() if value}, "set": given}


def by_each_number(rules: Sequence[Rule], own: Column | None, national: Column | None, n_rows: int) -> Iterator[Rule]:
    """The rules, or each of them twice: for the hospital's number (`own`) and for the national one of rows that have no other.

    Twice where neither column alone names the person of every row (of `n_rows`) and both together may.
    """
    if own is None or national is None or own.filled >= n_rows or own.filled + national.filled < n_rows:
        yield from rules
        return
    for rule in rules:
        yield _asked(rule, f"{own.name} is not null")
        hers = _asked(rule, f"{own.name} is null and {national.name} is not null")
        yield replace(hers, rule=f"{rule.rule}{NATIONAL}", set={**rule.set, PERSON: national.name})


def _asked(rule: Rule, condition: str) -> Rule:
    """The rule where also this holds."""
    return replace(rule, when=condition if rule.when is None else f"{condition} and ({rule.when})")


def any_filled(columns: Iterable[str]) -> str:
    """The condition that one of these columns is filled; empty without any."""
    return " or ".join(f"{column} is not null" for column in dict.fromkeys(columns))


def columns_of(part: object) -> list[str]:
    """The source columns that a mapping reads."""
    if isinstance(part, str):
        return [part]
    return [str(part[key]) for key in ("from", "beside", "flag", "month", "day") if key in part] if isinstance(part, dict) else []
