"""The command `python -m benchmark.latency`."""

from benchmark.evaluation.action_timing import app

if __name__ == "__main__":
    app()
