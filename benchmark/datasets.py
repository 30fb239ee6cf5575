"""The command `python -m benchmark.datasets`."""

from benchmark.cli.data import app

if __name__ == "__main__":
    app()
