"""Mutants of an edit view: the small mistakes that the author of its SQL could have made, each as a whole statement.

Those of an expression are the mutants of edits (validations/mutants.py). A view has more to get wrong: the least taken for the
greatest, a count of all rows for one of the known, a branch or the default of a CASE left out, a truth for one that is not
known, a condition of rows or a key left out, rows without a partner dropped, a column taken for the next of its type.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from schemas.items import RECORDS
from schemas.items import items as dictionary
from schemas.vocabulary import Vocabularies
from validations.mutants import Around, Made, next_code, replaced, replacements, settled
from validations.views.text import KEYS

Types = Mapping[str, Mapping[str, str]]  # of each table that the view reads: column -> type


@dataclass(frozen=True)
class ViewMutant:
    """One mutant: the column (or clause) in which it differs, the piece as `before -> after` (numbered where one stands several times
    there), and the whole statement."""

    part: str
    text: str
    statement: exp.Expr


@dataclass(frozen=True)
class Tables:
    """What a node of a view may be taken for: the columns of its own table, and the code lists of the dictionary."""

    types: Types
    named: Mapping[str, str]  # alias -> table
    vocabularies: Vocabularies

    def others(self, node: exp.Column) -> list[exp.Column]:
        """The next column of its table that has its type, round about; none for a key or a column of a sub-select."""
        columns = self._columns(node)
        if node.name not in columns or node.name in KEYS:
            return []
        alike = [name for name, kind in columns.items() if kind == columns[node.name] and name not in KEYS]
        at = alike.index(node.name) + 1
        return [exp.column(name, table=node.table or None) for name in (*alike[at:], *alike[:at])[:1] if name != node.name]

    def neighbour(self, column: str, code: str, taken: set[str]) -> str | None:
        """The next code of the column's list that is not among `taken`; None where there is no other."""
        return next_code(self.vocabularies, _domain(column), code, taken)

    def _columns(self, node: exp.Column) -> Mapping[str, str]:
        if node.table:
            return self.types.get(self.named.get(node.table, ""), {})
        return next(iter(self.types.values())) if len(self.types) == 1 else {}


def view_mutants(tree: exp.Expr, types: Types, vocabularies: Vocabularies) -> list[ViewMutant]:
    """The mutants of one view, each once, in the order of its text."""
    named = {table.alias_or_name: table.name for table in tree.find_all(exp.Table)}
    around = Tables(types, named, vocabularies)
    told = {settled(tree)}
    found: dict[tuple[str, str], ViewMutant] = {}
    for node, new, statement in (*_in_one_place(tree, around), *_throughout(tree, around)):
        meaning = settled(statement)
        if meaning not in told:
            told.add(meaning)
            part = _part(node)
            text = _numbered(part, _difference(node, new), found)
            found[part, text] = ViewMutant(part, text, statement)
    return list(found.values())


def _in_one_place(tree: exp.Expr, around: Tables) -> Iterator[tuple[exp.Expr, exp.Expr, exp.Expr]]:
    """Node, what stands in its place, and the statement."""
    for number, node in enumerate(tree.walk()):
        yield from ((node, new, replaced(tree, number, _as_column(node, new))) for new in _instead(node, around))


def _as_column(node: exp.Expr, new: exp.Expr) -> exp.Expr:
    """What stands for a column of the view keeps the name of that column."""
    is_column = isinstance(node, exp.Column) and node.arg_key == "expressions" and isinstance(node.parent, exp.Select)
    return exp.alias_(new, node.name) if is_column else new


def _throughout(tree: exp.Expr, around: Tables) -> Iterator[tuple[exp.Expr, exp.Expr, exp.Expr]]:
    """The same for what rows are grouped by: as it stands among the columns too, only a change of both is a statement."""
    for whole in (key for select in tree.find_all(exp.Select) for key in _keys(select) if key.name not in KEYS):
        for number, node in enumerate(whole.walk()):
            for new in _instead(node, around, is_key=True):
                other = replaced(whole, number, new)
                yield node, new, tree.transform(lambda one, old=whole, to=other: to.copy() if one == old else one)


def _numbered(part: str, text: str, taken: Collection[tuple[str, str]]) -> str:
    turn = next((number for number in range(2, len(taken) + 2) if (part, f"{text} ({number})") not in taken), 2)
    return f"{text} ({turn})" if (part, text) in taken else text


def _part(node: exp.Expr) -> str:
    """The column that the node is a part of, else its clause."""
    above: exp.Expr | None = node
    while above is not None and not isinstance(above.parent, exp.Select):
        above = above.parent
    return above.alias_or_name if above is not None and above.arg_key == "expressions" else above.key if above is not None else "select"


def _difference(node: exp.Expr, new: exp.Expr) -> str:
    if isinstance(node, exp.Select):
        gone = node.args.get("where") if new.args.get("where") is None else None
        keys = {_sql(key) for key in _keys(node)} - {_sql(key) for key in _keys(new)}
        return f"without {_sql(gone)}" if gone is not None else f"without the key {', '.join(sorted(keys))}"
    return f"{_sql(node)} -> {_sql(new)}"


def _keys(select: exp.Expr) -> list[exp.Expr]:
    group = select.args.get("group")
    return [] if group is None else list(group.expressions)


def _sql(node: exp.Expr) -> str:
    return " ".join(node.sql("duckdb", comments=False).split())


def _domain(column: str) -> str:
    """The code list of a column of that name in any staging record; empty where it has none."""
    found = (item for record in RECORDS for item in dictionary(record, "staging") if item.column == column and item.type == "text")
    return next((item.domain for item in found if ".." not in item.domain), "")


def _instead(node: exp.Expr, around: Tables, *, is_key: bool = False) -> Made:
    if isinstance(node, exp.Literal) and isinstance(node.parent, (exp.If, exp.Case)):
        return  # 1 and 0 say true and false there; that is told from the condition
    if isinstance(node, exp.Column) and (node.name in KEYS or (isinstance(node.parent, exp.Group) and not is_key)):
        return
    yield from replacements(node, around)
    for kinds, made in IN_VIEWS.items():
        if isinstance(node, kinds):
            yield from made(node, around)


def _greatest(node: exp.Expr, _: Around) -> Made:
    yield exp.Max(this=node.this.copy())


def _least(node: exp.Expr, _: Around) -> Made:
    yield exp.Min(this=node.this.copy())


def _all_rows(node: exp.Expr, _: Around) -> Made:
    if not isinstance(node.this, exp.Star):
        yield exp.Count(this=exp.Star())


def _branches(node: exp.Expr, _: Around) -> Made:
    """One branch less (or, where it is the only one, no condition), and no default."""
    branches = node.args["ifs"]
    for number in range(len(branches)):
        if len(branches) > 1:
            copy = node.copy()
            copy.set("ifs", [one.copy() for place, one in enumerate(branches) if place != number])
            yield copy
        else:
            yield branches[0].args["true"].copy()
    if node.args.get("default") is not None:
        copy = node.copy()
        copy.set("default", None)
        yield copy


def _known(node: exp.Expr, _: Around) -> Made:
    """What is not known taken for false, where a CASE says so."""
    if isinstance(node.parent, exp.If):
        yield exp.false()


def _not_known(node: exp.Expr, _: Around) -> Made:
    if isinstance(node.parent, (exp.If, exp.Case)):
        yield exp.null()


def _other_first(node: exp.Expr, _: Around) -> Made:
    if len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Column):
        yield exp.Coalesce(this=node.expressions[0].copy(), expressions=[node.this.copy()])


def _without_nullif(node: exp.Expr, around: Around) -> Made:
    yield node.this.copy()
    if isinstance(node.this, exp.Column):
        other = around.neighbour(node.this.name, node.expression.name, {node.expression.name})
        if other is not None:
            yield exp.Nullif(this=node.this.copy(), expression=exp.Literal.string(other))


def _without_clause(node: exp.Expr, _: Around) -> Made:
    """A statement without the condition of its rows, and with each key of its groups left out."""
    if node.args.get("where") is not None:
        copy = node.copy()
        copy.set("where", None)
        yield copy
    keys = _keys(node)
    for number in range(len(keys)):
        copy = node.copy()
        left = [key.copy() for place, key in enumerate(keys) if place != number]
        copy.set("group", exp.Group(expressions=left) if left else None)
        yield copy


def _inner(node: exp.Expr, _: Around) -> Made:
    if node.args.get("side"):
        copy = node.copy()
        copy.set("side", None)
        yield copy


IN_VIEWS: Mapping[type[exp.Expr], Callable[[exp.Expr, Around], Made]] = {
    exp.Min: _greatest, exp.Max: _least, exp.Sum: _greatest, exp.Count: _all_rows, exp.Case: _branches, exp.Null: _known,
    exp.Boolean: _not_known, exp.Coalesce: _other_first, exp.Nullif: _without_nullif, exp.Select: _without_clause, exp.Join: _inner,
}  # fmt: skip
