"""The command `python -m benchmark.export`."""

from benchmark.cli.export import app

if __name__ == "__main__":
    app()
