"""The command `python -m benchmark.sanity`."""

from benchmark.cli.sanity import app

if __name__ == "__main__":
    app()
