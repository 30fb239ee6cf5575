"""The command `python -m benchmark`, the same as `mage-bench`."""

from benchmark.cli.app import app

if __name__ == "__main__":
    app()
