"""One published number back to its women, their rows, and the file, line and column of each."""
