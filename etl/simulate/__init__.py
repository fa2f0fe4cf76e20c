"""A made-up hospital registry whose truth is known: the clean records, and the same records as messy exports."""
