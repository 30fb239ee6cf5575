"""The command `python -m benchmark.report`."""

from benchmark.cli.report import app

if __name__ == "__main__":
    app()
