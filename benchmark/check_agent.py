"""The command `python -m benchmark.check_agent`."""

from benchmark.cli.check_agent import app

if __name__ == "__main__":
    app()
