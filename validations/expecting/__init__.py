"""Expectations of a whole load: the rules, Great Expectations that judges them, and what they are compared with."""
