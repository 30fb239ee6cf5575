"""Measurements of the harness itself: `python -m benchmark.selfcheck`."""
