"""Two releases side by side: the numbers that changed, and the rows and women that did it."""
