"""The command `python -m benchmark.updates`."""

from benchmark.evaluation.throughput import app

if __name__ == "__main__":
    app()
