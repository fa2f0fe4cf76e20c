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

Key = tuple[object, ...]


def select_shared(expressions: Mapping[str, exp.Expr], relation: str, keys: Sequence[str] = ()) -> exp.Select:
    """`select keys, expressions from relation`, one row per row of `relation`; rows keep their order as far as the engine keeps it.

    The expressions are taken over, not copied: what holds them afterwards may not use them again.
    """
    wrapped = {name: exp.Paren(this=expression) for name, expression in expressions.items()}
    layers = [wrapped]
    for layer in range(LAYERS):
        shared = _hoisted(layers[-1], f"shared_{layer}_")
        if not shared:
            break
        layers.append(shared)
    return _nested(layers, relation, keys)


def _hoisted(expressions: Mapping[str, exp.Paren], prefix: str) -> dict[str, exp.Paren]:
    """The largest parts that occur more than once, each replaced by a column of that name."""
    ids: dict[Key, int] = {}
    numbers = {id(node): number for tree in expressions.values() for node, number in _numbered(tree, ids)}
    counts = Counter(numbers.values())
    found: dict[int, exp.Paren] = {}
    for tree in expressions.values():
        for node in _largest(tree.this, numbers, counts):
            number = numbers[id(node)]
            name = f"{prefix}{number}"
            node.replace(exp.column(exp.to_identifier(name, quoted=True)))
            found.setdefault(number, exp.Paren(this=node))
    return {f"{prefix}{number}": tree for number, tree in found.items()}


def _numbered(tree: exp.Expr, ids: dict[Key, int]) -> Iterator[tuple[exp.Expr, int]]:
    """Each node with a number that it shares with every equal node, from the leaves upwards."""
    seen: dict[int, int] = {}
    for node in reversed(list(tree.walk(bfs=True))):
        parts = tuple((name, _key(value, seen)) for name, value in sorted(node.args.items()) if value not in (None, False, []))
        number = ids.setdefault((type(node), parts), len(ids))
        seen[id(node)] = number
        yield node, number


def _key(value: object, seen: Mapping[int, int]) -> object:
    if isinstance(value, list):
        return tuple(_key(each, seen) for each in value)
    return seen[id(value)] if isinstance(value, exp.Expr) else (type(value).__name__, value)


def _largest(tree: exp.Expr, numbers: Mapping[int, int], counts: Mapping[int, int]) -> Iterator[exp.Expr]:
    """Parts that occur more than once and lie in no larger such part."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if counts[numbers[id(node)]] > 1 and not isinstance(node, _LEAVES) and not node.find(*_UNSAFE):
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
