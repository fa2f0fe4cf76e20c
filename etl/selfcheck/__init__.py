"""`oncomart selfcheck`: laws that the line must keep, tried on the user's own data."""
