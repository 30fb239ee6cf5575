"""The command `python -m benchmark.updates`."""

from benchmark.cli.updates import app

if __name__ == "__main__":
    app()
