"""One night beside those before it: what changed in the files, what a release hands on to the next."""
