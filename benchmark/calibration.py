"""The command `python -m benchmark.calibration`."""

from benchmark.cli.calibration import app

if __name__ == "__main__":
    app()
