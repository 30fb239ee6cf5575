"""The command `python -m benchmark.selfcheck`."""

from benchmark.cli.selfcheck.command import app

if __name__ == "__main__":
    app()
