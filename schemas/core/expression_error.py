"""The one error of expressions, apart so that parsing and evaluating can both raise it."""

from __future__ import annotations


class ExpressionError(ValueError):
    """An expression that may not stand, or cannot be computed. `message` carries no value of the data; `hint` may be empty."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message, self.hint = message, hint
        super().__init__(f"{message} ({hint})" if hint else message)
