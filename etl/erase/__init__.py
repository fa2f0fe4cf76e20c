"""One person erased and withheld from then on: `oncomart forget`, and what every run does for it."""
