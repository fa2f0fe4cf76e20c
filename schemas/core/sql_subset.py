"""The portable subset of SQL: what an expression of a project may hold, and what star and mart files may call.

An engine other than DuckDB will run the same text one day, and 25 of 90 probed expressions differed in silence between
two engines: so the lists are short, and a name that is not in them is refused rather than hoped for.
"""

from __future__ import annotations

import sqlglot
from sqlglot import TokenType, exp

DIALECT = "duckdb"
# The two functions of this project: they take names of clinical dates (six columns each), not columns.
DATE_FUNCTIONS = frozenset({"before", "days_between"})
# Functions of an expression in a contract, an edit or a study (a CAST is written like one).
ALLOWED = DATE_FUNCTIONS | {
    "abs",
    "cast",
    "coalesce",
    "concat",
    "concat_ws",
    "greatest",
    "if",
    "least",
    "length",
    "lower",
    "nullif",
    "replace",
    "round",
    "substr",
    "substring",
    "trim",
    "try_cast",
    "upper",
}
# What the star and mart files may call beside: whole-table SQL is ours, never a project's.
_TABLE_FUNCTIONS = frozenset({
    "any_value", "avg", "bool_and", "bool_or", "ceil", "count", "count_if", "date_diff", "dense_rank", "first_value", "floor", "lag",
    "last_value", "lead", "max", "min", "rank", "row_number", "string_agg", "sum",
})  # fmt: skip

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
# Node of the parsed expression -> its parts that may be filled. Any other node or part is refused.
_BINARY = (exp.And, exp.Or, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Add, exp.Sub, exp.Mul, exp.Is, exp.Nullif)
NODES: dict[type[exp.Expr], frozenset[str]] = {
    **dict.fromkeys(_BINARY, frozenset({"this", "expression"})),
    exp.Div: frozenset({"this", "expression", "typed", "safe"}),
    exp.DPipe: frozenset({"this", "expression", "safe"}),
    exp.Like: frozenset({"this", "expression", "negate"}),
    exp.In: frozenset({"this", "expressions"}),
    exp.Between: frozenset({"this", "low", "high"}),
    **dict.fromkeys((exp.Not, exp.Neg, exp.Paren), frozenset({"this"})),
    exp.Column: frozenset({"this"}),
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Boolean: frozenset({"this"}),
    exp.Null: frozenset(),
    exp.Cast: frozenset({"this", "to"}),
    exp.TryCast: frozenset({"this", "to", "safe"}),
    exp.DataType: frozenset({"this", "nested"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true", "false"}),
    exp.Anonymous: frozenset({"this", "expressions"}),
    exp.Coalesce: frozenset({"this", "expressions"}),
    exp.Concat: frozenset({"expressions", "safe", "coalesce"}),
    exp.ConcatWs: frozenset({"expressions", "safe", "coalesce"}),
    **dict.fromkeys((exp.Greatest, exp.Least), frozenset({"this", "expressions", "ignore_nulls"})),
    exp.Replace: frozenset({"this", "expression", "replacement"}),
    exp.Round: frozenset({"this", "decimals"}),
    exp.Substring: frozenset({"this", "start", "length"}),
    **dict.fromkeys((exp.Abs, exp.Length, exp.Lower, exp.Trim, exp.Upper), frozenset({"this"})),
}
CAST_TARGETS = frozenset({exp.DType.INT, exp.DType.BIGINT, exp.DType.DOUBLE, exp.DType.TEXT, exp.DType.VARCHAR})

# Words that may stand before a bracket without being a function.
OPERATOR_WORDS = frozenset({
    TokenType.AND, TokenType.OR, TokenType.NOT, TokenType.IN, TokenType.IS, TokenType.LIKE, TokenType.BETWEEN, TokenType.CASE,
    TokenType.WHEN, TokenType.THEN, TokenType.ELSE,
})  # fmt: skip
TOKENS = OPERATOR_WORDS | {
    TokenType.VAR, TokenType.IDENTIFIER, TokenType.STRING, TokenType.NUMBER, TokenType.L_PAREN, TokenType.R_PAREN, TokenType.COMMA,
    TokenType.PLUS, TokenType.DASH, TokenType.STAR, TokenType.SLASH, TokenType.DPIPE, TokenType.EQ, TokenType.NEQ, TokenType.LT,
    TokenType.LTE, TokenType.GT, TokenType.GTE, TokenType.NULL, TokenType.TRUE, TokenType.FALSE, TokenType.ISNULL, TokenType.NOTNULL,
    TokenType.END, TokenType.ALIAS, TokenType.DATE, TokenType.REPLACE, TokenType.INT, TokenType.BIGINT, TokenType.DOUBLE, TokenType.TEXT,
    TokenType.DCOLON,
}  # fmt: skip


def portable_functions() -> frozenset[str]:
    """Lower-case names of the functions that a star or mart .sql file may call."""
    return (ALLOWED - DATE_FUNCTIONS) | _TABLE_FUNCTIONS


def unportable_functions(sql: str) -> list[str]:
    """The functions that a .sql text calls outside `portable_functions`, in alphabetical order; nothing is run."""
    called = (node for tree in sqlglot.parse(sql, read=DIALECT) if tree for node in tree.find_all(exp.Func))
    functions = (node for node in called if not isinstance(node, (exp.And, exp.Or, exp.Xor, exp.Case)))
    return sorted({_written(node) for node in functions if not _names(node) & portable_functions()})


def _written(node: exp.Func) -> str:
    return node.sql(DIALECT).partition("(")[0].lower()


def _names(node: exp.Func) -> frozenset[str]:
    return frozenset({node.name.lower()} if isinstance(node, exp.Anonymous) else {name.lower() for name in node.sql_names()})
