"""Texts that a function of SQL can never give: a capital letter behind `lower`, a blank at the end behind `trim`."""

from __future__ import annotations

from sqlglot import exp

TEXTS = (exp.Lower, exp.Upper, exp.Trim, exp.Substring, exp.Replace, exp.Concat, exp.ConcatWs, exp.DPipe)


def gives(made: exp.Expr, text: str) -> bool:
    """Whether a column, or what is made of some, may be this text."""
    if isinstance(made, exp.Trim):
        # lower and upper neither make a blank nor take one away
        return text == text.strip(" ") and gives(made.this.unnest(), text)
    if isinstance(made, (exp.Lower, exp.Upper)):
        return not any(_turns(letter, made) for letter in text) and (not isinstance(made.this, exp.Trim) or text == text.strip(" "))
    if isinstance(made, exp.Substring):
        length = made.args.get("length")
        return not isinstance(length, exp.Literal) or length.is_string or len(text) <= float(length.name)
    return True


def _turns(letter: str, made: exp.Lower | exp.Upper) -> bool:
    """Whether the function makes another letter of this one; of the few that have two or three as capitals DuckDB makes none."""
    other = letter.lower() if isinstance(made, exp.Lower) else letter.upper()
    return other != letter and (isinstance(made, exp.Lower) or len(other) == 1)
