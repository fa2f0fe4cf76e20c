"""The motion: land, read, normalise, link, run. Imports all three; nothing imports it."""
