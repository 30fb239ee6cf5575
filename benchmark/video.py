"""The command `python -m benchmark.video`."""

from benchmark.evaluation.recording import app

if __name__ == "__main__":
    app()
