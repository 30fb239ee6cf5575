"""The command `python -m benchmark.check_gpu`."""

from benchmark.cli.check_gpu import app

if __name__ == "__main__":
    app()
