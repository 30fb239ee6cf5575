"""The command `python -m benchmark.latency`."""

from benchmark.cli.latency import app

if __name__ == "__main__":
    app()
