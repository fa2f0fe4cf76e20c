"""The SQL allow-list: every expression that a project writes is parsed here, and held to what it may say.

A project folder is code in the sense that its conditions are SQL. So they are read, never trusted: one expression, the
listed functions and columns, no sub-select, no statement, no file. Parsing never runs anything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.errors import SqlglotError

from schemas.core.errors import did_you_mean
from schemas.core.evaluation import check_types, evaluate, locked_connection
from schemas.core.expression_error import ExpressionError
from schemas.core.shared_sql import select_shared
from schemas.core.sql_subset import (
    ALLOWED,
    CAST_TARGETS,
    COMPARISONS,
    DATE_FUNCTIONS,
    DIALECT,
    NODES,
    OPERATOR_WORDS,
    TOKENS,
    portable_functions,
    unportable_functions,
)

__all__ = [
    "ALLOWED", "ExpressionError", "check_types", "evaluate", "locked_connection", "parse", "portable_functions", "select_shared",
    "unportable_functions",
]  # fmt: skip

# Longer or deeper texts are mistakes or attacks on the parser's stack; the longest edit has some 400 characters.
LONGEST, DEEPEST = 5_000, 40
# Levels of the tree, of which an AND or OR of many parts is one: what writes SQL again calls itself some five times for each.
DEEPEST_TREE = 100
# A project has some 400 expressions, each a few kB as a tree.
KEPT = 2_000


def parse(text: str, columns: Collection[str], dates: Collection[str] = (), *, functions: Collection[str] = ALLOWED) -> exp.Expr:
    """The expression that `text` holds, with every column written and quoted as in `columns`.

    `dates` are names of clinical dates: they may stand only in `before(a, b)`, `days_between(a, b)` and `a is null`.
    Casts become TRY_CAST (a text that is no number is null, not an error that quotes it) and a division by zero is null.
    Raises ExpressionError for everything that is not on the list. What is given may be changed.
    """
    return _parsed(text, tuple(columns), tuple(dates), frozenset(functions)).copy()


@lru_cache(maxsize=KEPT)
def _parsed(text: str, columns: tuple[str, ...], dates: tuple[str, ...], functions: frozenset[str]) -> exp.Expr:
    """The expression, kept: a run asks for most of them some four times, to check, to count and to tell what was read."""
    tokens = _tokens(text)
    names = {name.lower(): name for name in (*columns, *dates)}
    _check_tokens(text, tokens, names, functions)
    tree = _tree(text, _with_names(tokens, names))
    _check_depth(tree)
    places = {id(node): _start(node) for node in tree.walk()}
    for node in tree.walk():
        _check_node(text, node, places, names, dates)
    return _settled(tree, names)


def _tokens(text: str) -> list[Token]:
    if len(text) > LONGEST:
        raise ExpressionError(f"longer than {LONGEST} characters")
    try:
        tokens = sqlglot.Dialect.get_or_raise(DIALECT).tokenize(text)
    except SqlglotError:
        raise ExpressionError("is not closed: a quote or a comment has no end") from None
    if not tokens:
        raise ExpressionError("is empty")
    return tokens


def _check_tokens(text: str, tokens: list[Token], names: Mapping[str, str], functions: Collection[str]) -> None:
    depth = 0
    following: list[Token | None] = [*tokens[1:], None]
    for token, after in zip(tokens, following, strict=True):
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth > DEEPEST:
            raise _error(text, token.start, f"more than {DEEPEST} brackets within one another")
        if token.comments:
            raise _error(text, token.start, "a comment does not belong into an expression")
        _check_token(text, token, after, names, functions)


def _check_token(text: str, token: Token, after: Token | None, names: Mapping[str, str], functions: Collection[str]) -> None:
    kind, word = token.token_type, token.text.lower()
    is_word = word[:1].isalpha() or word[:1] == "_"
    if after and after.token_type is TokenType.L_PAREN and kind not in OPERATOR_WORDS and is_word and kind is not TokenType.STRING:
        if word not in functions:
            raise _error(text, token.start, f"the function {token.text} is not allowed", did_you_mean(word, functions))
    elif kind is TokenType.SEMICOLON:
        raise _error(text, token.start, "one expression is allowed, without a semicolon")
    elif kind in {TokenType.PLACEHOLDER, TokenType.PARAMETER, TokenType.COLON, TokenType.HASH, TokenType.DOLLAR}:
        raise _error(text, token.start, "parameters are not allowed")
    elif kind is TokenType.DOT:
        raise _error(text, token.start, "a qualified name is not allowed", "name the column alone")
    elif kind not in TOKENS and word not in names:
        raise _error(text, token.start, f"{token.text} is not allowed in an expression")


def _with_names(tokens: list[Token], names: Mapping[str, str]) -> list[Token]:
    """The tokens, with a column that is called like a word of SQL (comment, date) marked as the name it is."""
    following: list[Token | None] = [*tokens[1:], None]
    return [_as_name(token) if _is_name(token, after, names) else token for token, after in zip(tokens, following, strict=True)]


def _is_name(token: Token, after: Token | None, names: Mapping[str, str]) -> bool:
    is_day_literal = token.token_type is TokenType.DATE and after is not None and after.token_type is TokenType.STRING
    is_free = token.token_type not in TOKENS or token.token_type in {TokenType.DATE, TokenType.TEXT}
    return is_free and not is_day_literal and token.text.lower() in names


def _as_name(token: Token) -> Token:
    return Token(TokenType.IDENTIFIER, token.text, line=token.line, col=token.col, start=token.start, end=token.end)


def _tree(text: str, tokens: list[Token]) -> exp.Expr:
    try:
        trees = sqlglot.Dialect.get_or_raise(DIALECT).parser().parse(tokens, text)
    except SqlglotError as error:
        place = getattr(error, "errors", [{}])[0]
        where = f" near line {place['line']}, character {place['col']}" if place.get("line") else ""
        raise ExpressionError(f"cannot be read as an SQL expression{where}") from None
    except RecursionError:
        raise ExpressionError("is too deep") from None
    if len(trees) != 1 or trees[0] is None:
        raise ExpressionError("one expression is allowed")
    return trees[0]


def _check_depth(tree: exp.Expr) -> None:
    """A chain such as 1 + 1 + 1 ... needs no brackets to be deep."""
    depths: dict[int, int] = {}
    for node in tree.walk():  # parents first
        above = node.parent if node is not tree else None
        is_same = isinstance(node, exp.Connector) and type(node) is type(above)
        depth = depths[id(node)] = depths.get(id(above), 0) + (not is_same)
        if depth > DEEPEST_TREE:
            raise ExpressionError("is too deep")


def _start(node: exp.Expr) -> int | None:
    """Where the node begins in the text, where the parser says so; else where its first part begins."""
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    return min(starts, default=None)


def _check_node(text: str, node: exp.Expr, places: Mapping[int, int | None], names: Mapping[str, str], dates: Collection[str]) -> None:
    at = places[id(node)]
    if type(node) not in NODES:
        raise _error(text, at, f"{_called(node)} is not allowed in an expression")
    extra = {part for part, value in node.args.items() if value not in (None, [], False)} - NODES[type(node)]
    if extra or (isinstance(node, exp.Anonymous) and node.name.lower() not in DATE_FUNCTIONS):
        raise _error(text, at, f"{_called(node)} is not allowed in this form")
    if isinstance(node, exp.Column):
        _check_column(text, node, at, names, dates)
    elif isinstance(node, exp.Anonymous):
        _check_date_function(text, node, at, names, dates)
    elif isinstance(node, exp.Cast):
        _check_cast(text, node, at)
    elif isinstance(node, exp.Is) and not isinstance(node.expression, (exp.Null, exp.Boolean)):
        raise _error(text, at, "only `is null`, `is true` and `is false` are allowed")
    else:
        _check_comparison(text, node, at)


def _check_comparison(text: str, node: exp.Expr, at: int | None) -> None:
    """A comparison that SQL takes and that holds for nobody: with null, or between two bounds of which the first is the greater."""
    sides = [node.args["low"], node.args["high"]] if isinstance(node, exp.Between) else list(node.iter_expressions())
    if isinstance(node, (*COMPARISONS, exp.Between, exp.In)) and any(isinstance(side, exp.Null) for side in sides):
        raise _error(text, at, "a comparison with null never holds", "ask `is null` or `is not null`")
    if isinstance(node, exp.Between) and all(isinstance(side, exp.Literal) for side in sides):
        low, high = (side.name if side.is_string else float(side.name) for side in sides)
        if type(low) is type(high) and low > high:  # type: ignore[operator]  # two texts or two numbers
            raise _error(text, at, f"nothing lies between {sides[0].sql()} and {sides[1].sql()}", "write the smaller bound first")


def _check_column(text: str, node: exp.Column, at: int | None, names: Mapping[str, str], dates: Collection[str]) -> None:
    name = names.get(node.name.lower())
    if name is None:
        raise _error(text, at, f"there is no column {node.name} here", did_you_mean(node.name.lower(), names))
    if name in dates and not _is_date_place(node):
        hint = "compare dates by before(a, b) or days_between(a, b), or ask whether they are delivered by `is null`"
        raise _error(text, at, f"{name} is a clinical date (an interval), not a value", hint)


def _is_date_place(node: exp.Expr) -> bool:
    parent = node.parent
    is_asked = isinstance(parent, exp.Is) and isinstance(parent.expression, exp.Null)
    return isinstance(parent, exp.Anonymous) or is_asked


def _check_date_function(text: str, node: exp.Anonymous, at: int | None, names: Mapping[str, str], dates: Collection[str]) -> None:
    name, arguments = node.name.lower(), node.expressions
    if len(arguments) != 2:
        raise _error(text, at, f"{name} takes two dates")
    for argument in arguments:
        if not (isinstance(argument, exp.Column) and names.get(argument.name.lower()) in dates) and not is_day(argument):
            hint = did_you_mean(argument.name.lower(), dates) if isinstance(argument, exp.Column) else ""
            raise _error(text, _start(argument) or at, f"{name} takes clinical dates and literals like date '2005-01-31'", hint)
    if arguments[0] == arguments[1] or all(map(is_day, arguments)):
        raise _error(text, at, f"{name} compares a date with itself or two fixed days")


def is_day(node: exp.Expr) -> bool:
    """Whether the node is a literal like date '2005-01-31'."""
    return isinstance(node, exp.Cast) and node.to.this is exp.DType.DATE and isinstance(node.this, exp.Literal)


def _check_cast(text: str, node: exp.Cast, at: int | None) -> None:
    if is_day(node):
        try:
            date.fromisoformat(node.this.name)
        except ValueError:
            raise _error(text, at, f"'{node.this.name}' is not a day", "write it as date '2005-01-31'") from None
    elif node.to.this not in CAST_TARGETS or node.to.expressions:
        raise _error(text, at, "only casts to integer, bigint, double and varchar are allowed")


def _settled(tree: exp.Expr, names: Mapping[str, str]) -> exp.Expr:
    """The tree in its one spelling, from the leaves upwards: declared names, no cast that fails, no division by zero."""
    settled = tree
    for node in reversed(list(tree.walk())):
        new = _settled_node(node, names)
        if node is tree:
            settled = new
        elif new is not node:
            node.replace(new)
    return settled


def _settled_node(node: exp.Expr, names: Mapping[str, str]) -> exp.Expr:
    if isinstance(node, exp.Column):
        return exp.column(exp.to_identifier(names[node.name.lower()], quoted=True))
    if type(node) is exp.Cast and not is_day(node):
        return exp.TryCast(this=node.this, to=node.to, safe=True)
    if isinstance(node, exp.Div) and not (isinstance(node.expression, exp.Literal) and float(node.expression.name or 0)):
        divisor = exp.Nullif(this=node.expression, expression=exp.Literal.number(0))
        return exp.Div(this=node.this, expression=divisor, typed=False, safe=False)
    return node


def _called(node: exp.Expr) -> str:
    if isinstance(node, exp.Alias):
        return "a second expression or a name beside the first"
    return node.name if isinstance(node, exp.Anonymous) else type(node).__name__.upper()


def _error(text: str, at: int | None, message: str, hint: str = "") -> ExpressionError:
    if at is None:
        return ExpressionError(message, hint)
    line, begins = text.count("\n", 0, at) + 1, text.rfind("\n", 0, at) + 1
    where = f"character {at - begins + 1}" if line == 1 else f"line {line}, character {at - begins + 1}"
    return ExpressionError(f"{message} (at {where})", hint)
