"""One SELECT for many expressions that computes each part they share once.

DuckDB does not look for common parts under CASE, AND and OR, which it runs lazily. The conditions of a hundred edits are
such, and ask the same of the same dates again and again: so the shared parts become columns of an inner SELECT.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

# Plain columns and literals are not worth a column. Arithmetic stays where it is written: a CASE may guard it from overflow.
_LEAVES = (exp.Column, exp.Literal, exp.Boolean, exp.Null, exp.Identifier, exp.DataType, exp.Var, exp.If)
_UNSAFE = (exp.Mul, exp.Add)
LAYERS = 4

Part = tuple[int, bool]  # the number that equal parts share, and whether the part may be hoisted


def select_shared(expressions: Mapping[str, exp.Expr], relation: str, keys: Sequence[str] = ()) -> exp.Select:
    """`select keys, expressions from relation`: one row per row of `relation`, each shared part computed once.

    The expressions are copied. Worth its planning (some milliseconds per expression) from about 100,000 rows.
    """
    layers = [{name: exp.Paren(this=expression.copy()) for name, expression in expressions.items()}]
    for layer in range(LAYERS):
        shared = _hoisted(layers[-1], f"shared_{layer}_")
        if not shared:
            break
        layers.append(shared)
    return _nested(layers, relation, keys)


def _hoisted(expressions: Mapping[str, exp.Paren], prefix: str) -> dict[str, exp.Paren]:
    """The largest parts that occur more than once, each replaced by a column of that name."""
    ids: dict[tuple[object, ...], int] = {}
    parts: dict[int, Part] = {}
    for tree in expressions.values():
        _number(tree, ids, parts)
    counts = Counter(number for number, _ in parts.values())
    found: dict[str, exp.Paren] = {}
    for tree in expressions.values():
        for node in list(_largest(tree.this, parts, counts)):
            name = f"{prefix}{parts[id(node)][0]}"
            node.replace(exp.column(exp.to_identifier(name, quoted=True)))
            found.setdefault(name, exp.Paren(this=node))
    return found


def _number(node: exp.Expr, ids: dict[tuple[object, ...], int], parts: dict[int, Part]) -> Part:
    """Gives the node and all its parts a number each, equal for equal ones."""
    may_move = not isinstance(node, _UNSAFE)
    key: list[object] = [type(node)]
    for name, value in node.args.items():
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, exp.Expr):
                number, is_movable = _number(each, ids, parts)
                may_move = may_move and is_movable
                key += [name, number]
            elif each not in (None, False):
                key += [name, str(each)]
    part = parts[id(node)] = (ids.setdefault(tuple(key), len(ids)), may_move)
    return part


def _largest(tree: exp.Expr, parts: Mapping[int, Part], counts: Mapping[int, int]) -> Iterator[exp.Expr]:
    """Parts that occur more than once and lie in no larger such part."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        number, may_move = parts[id(node)]
        if may_move and counts[number] > 1 and not isinstance(node, _LEAVES):
            yield node
        elif not isinstance(node, exp.Column):
            waiting += list(node.iter_expressions())


def _nested(layers: Sequence[Mapping[str, exp.Paren]], relation: str, keys: Sequence[str]) -> exp.Select:
    query: exp.Select | None = None
    kept = [exp.column(exp.to_identifier(key, quoted=True)) for key in keys]
    for depth in reversed(range(len(layers))):
        chosen = [exp.alias_(tree.this, name, quoted=True, copy=False) for name, tree in layers[depth].items()]
        passed = [exp.Star()] if depth else [column.copy() for column in kept]
        source = exp.to_table(relation, quoted=True) if query is None else query.subquery("inner_rows", copy=False)
        query = exp.Select(expressions=[*passed, *chosen]).from_(source, copy=False)
    if query is None:
        raise ValueError("there is no layer")
    return query
