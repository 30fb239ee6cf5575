"""The command `python -m benchmark.report`."""

from benchmark.reporting.build import app

if __name__ == "__main__":
    app()
