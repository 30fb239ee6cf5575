"""The command `python -m benchmark.run`."""

from benchmark.cli.run import app

if __name__ == "__main__":
    app()
