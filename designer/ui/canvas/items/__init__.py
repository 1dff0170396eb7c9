"""One file for each concept that is drawn: its natural size, how it is painted, its parts, and what it is called."""
