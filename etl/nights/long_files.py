"""A long file (item, value) with one row per record and one column per item and field, as a wide file has them.

Of a long file several rows tell of one record, so no row can be held against itself; but the result of its item `ER` can, and so can the
day of its item `SURGERY`. What goes wrong with columns overnight goes wrong with items: two change places, the codes of one are turned
round, one is gone or has another name. Only items that the contract names in its conditions are read, and only these are looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl
from sqlglot import exp

from etl.normalise.conditions import conditions
from schemas.contract import Contract
from schemas.core.errors import UnreadableError, few

FEWEST = 2  # items that make a file a long one: one condition is a rule with an exception
MANY = 20  # rows of an item that do not go by themselves: as the cells of a column (etl.nights.renamed)
ITEM = "\x1f"  # between a field and the item in the name of a column


class Items(NamedTuple):
    """`field` holds the items of a long file; `rules`: the items that each rule asks for, by its name."""

    field: str
    rules: Mapping[str, frozenset[str]]

    @property
    def texts(self) -> list[str]:
        """All items that the contract reads."""
        return sorted(frozenset[str]().union(*self.rules.values()))


def items_of(contract: Contract) -> Items | None:
    """The field that most conditions of a contract hold against a text, and the texts; None where these are few: it is no long file."""
    asked = {rule: [*_asked(condition)] for rule, condition in conditions(contract).items()}
    often = Counter(name for of in asked.values() for name in {name for name, _ in of} if name in contract.fields)
    if not often:
        return None
    field = max(sorted(often), key=lambda name: often[name])
    rules = {rule: frozenset(text for name, text in of if name == field) for rule, of in asked.items()}
    found = Items(field, {rule: texts for rule, texts in rules.items() if texts})
    return found if len(found.texts) >= FEWEST else None


def _asked(condition: exp.Expr) -> Iterator[tuple[str, str]]:
    """The columns that a condition holds against a text, each with the text; none that it leaves out (`not in`): no rule reads these."""
    for one in (one for one in condition.find_all(exp.EQ) if one.find_ancestor(exp.Not) is None):
        for column, text in ((one.left, one.right), (one.right, one.left)):
            if isinstance(column, exp.Column) and isinstance(text, exp.Literal) and text.is_string:
                yield column.name, text.name
    for among in condition.find_all(exp.In):
        if isinstance(among.this, exp.Column) and among.find_ancestor(exp.Not) is None:
            yield from ((among.this.name, text.name) for text in among.expressions if isinstance(text, exp.Literal) and text.is_string)


def wide(rows: pl.DataFrame, key: Sequence[str], items: Items, fields: Sequence[str]) -> pl.DataFrame:
    """One row per record (`key`), with a column `<field>ITEM<item>` for each item that the contract reads; of an item that a record has
    several times nothing, and of columns without any cell none.
    """
    read = rows.filter(pl.col(items.field).is_in(items.texts)).drop_nulls(key).unique([*key, items.field], keep="none")
    # names that no field of a contract can have
    cells = read.unpivot(fields, index=[*key, items.field], variable_name="__field", value_name="__text").drop_nulls("__text")
    named = cells.with_columns(__column=pl.concat_str("__field", pl.lit(ITEM), items.field)).sort("__column")
    return named.pivot("__column", index=[*key], values="__text", aggregate_function="first", maintain_order=True)


def same_in_both(now: pl.DataFrame, was: pl.DataFrame, key: Sequence[str], items: Items) -> pl.DataFrame:
    """The rows of which the other file has the same item of the same record, where only a part of that file was cut."""
    return now.join(was, on=[*key, items.field], how="semi")


def check_items(name: str, contract: Contract, now: pl.DataFrame, was: pl.DataFrame, accepting: str) -> None:
    """Raises UnreadableError where an item of which the file of the last release had MANY rows is gone from a snapshot: renamed, in
    capitals, or not exported any more. No rule reads it then, and an edit would fall silent and stop the night of every source.

    Of a snapshot with fewer rows (a window of some months) it must have had as many more, and a rule that reads the item under a name that
    is new tonight was written for it. `accepting`: the line of the contract that says that it is right.
    """
    items = items_of(contract)
    if items is None or contract.delivery != "snapshot" or items.field not in now.columns or items.field not in was.columns:
        return
    there, before = (dict(rows[items.field].drop_nulls().value_counts().iter_rows()) for rows in (now, was))
    many = MANY * max(1, was.height / max(1, now.height))
    new = {text: n for text, n in there.items() if text not in before}
    went = [one for one in items.texts if before.get(one, 0) >= many and one not in there]
    gone = [one for one in went if not _has_new_name(items, one, before[one], new)]
    if gone:
        header = contract.fields[items.field].headers(items.field)[0]
        told = (f"no row has '{text}' under '{header}', and {before[text]:,} looked at had it in the last release" for text in gone)
        says = "; ".join(few(told))
        also = f"; {len(new):,} texts are new there" if new else ""
        what = "if it was renamed, change the conditions of the contract; if it comes no more, take its rules out"
        raise UnreadableError("item_gone", f"{name}: {says}{also}: {what}; if only tonight none had it, {accepting}")


def _has_new_name(items: Items, text: str, before: int, new: Mapping[str, int]) -> bool:
    """Whether each rule of an item reads it under a name that came new, in half as many rows at least."""
    return all(2 * sum(new.get(one, 0) for one in texts) >= before for texts in items.rules.values() if text in texts)
