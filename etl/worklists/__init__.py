"""The work list and the data behind findings: which rows they are about, and the cells of those as delivered."""
