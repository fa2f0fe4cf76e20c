"""What raw texts mean: code lists, spellings, codes inside longer texts, results of markers."""
