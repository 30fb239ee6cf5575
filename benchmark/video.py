"""The command `python -m benchmark.video`."""

from benchmark.cli.video import app

if __name__ == "__main__":
    app()
