"""`oncomart draft`: a proposed contract for files never seen before, tried on the file itself before it is shown."""
