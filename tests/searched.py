"""A property held against a few drawn examples in the suite, and against many as a slow proof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings


def searched(few: int, many: int, *, fixtures: tuple[str, ...] = (), **drawn: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes a test of a function that holds for all that is drawn; `fixtures`: those that it asks for besides, by name."""

    def of(holds: Callable[..., None]) -> Callable[..., None]:
        @pytest.mark.parametrize("examples", [few, pytest.param(many, marks=pytest.mark.slow)])
        def test(examples: int, request: pytest.FixtureRequest) -> None:
            given_to_it = {name: request.getfixturevalue(name) for name in fixtures}
            settings(max_examples=examples, deadline=None)(given(**drawn)(holds))(**given_to_it)

        test.__doc__ = holds.__doc__
        return test

    return of
