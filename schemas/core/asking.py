"""What an expression says where a column is empty because what was delivered was not understood: nothing.

`x is null`, COALESCE, CASE and what else passes over what is empty (IF, GREATEST, LEAST, CONCAT, NULLIF) have an answer where a column is
empty. That answer is meant of what was not delivered.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

ASKING = (exp.Is, exp.Coalesce, exp.Case, exp.If, exp.Greatest, exp.Least, exp.Concat, exp.ConcatWs, exp.Nullif)


def without_answer(tree: exp.Expr, tells: Callable[[exp.Column], exp.Expr | None]) -> exp.Expr:
    """The expression, whose parts that ask whether a column is empty have no answer (null) where `tells` says that it was not understood.

    `tells`: of a column the condition under which it was not understood; None where nothing says so. `tree` itself is not changed.
    """
    tree = exp.Paren(this=tree.copy())
    asking: dict[int, tuple[exp.Expr, dict[str, exp.Expr]]] = {}
    for node in list(tree.find_all(exp.Column)):
        part = _outermost_asking(node)
        condition = tells(node) if part is not None else None
        if part is not None and condition is not None:
            asking.setdefault(id(part), (part, {}))[1][condition.sql()] = condition
    for part, conditions in asking.values():
        unread = [exp.If(this=conditions[text].copy(), true=exp.null()) for text in sorted(conditions)]
        part.replace(exp.Paren(this=exp.Case(ifs=unread, default=exp.Paren(this=part.copy()))))
    return tree.unnest()


def _outermost_asking(node: exp.Expr) -> exp.Expr | None:
    """The outermost part around a column that has an answer where the column is empty; None where there is no such part."""
    around: exp.Expr | None = None
    while node.parent is not None:
        node = node.parent
        if isinstance(node, ASKING):
            around = node
    return around
