"""A check of the tests: mistakes are put into the code, to see whether any test notices."""
