"""What the data means: dictionary, vocabularies, contracts, studies. Imports nothing of ours."""
