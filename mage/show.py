"""The command `python -m mage.show`."""

from benchmark.cli.show import app

if __name__ == "__main__":
    app()
