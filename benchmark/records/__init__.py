"""What is kept of a run: its record, the files around it, and the place they lie in."""
