"""The command `python -m benchmark.tune`."""

from benchmark.cli.tune import app

if __name__ == "__main__":
    app()
