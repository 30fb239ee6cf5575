"""The command `python -m benchmark.check_task`."""

from benchmark.cli.check_task import app

if __name__ == "__main__":
    app()
