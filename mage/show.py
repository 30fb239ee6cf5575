"""The command `python -m mage.show`."""

from benchmark.plots.plan_figures import app

if __name__ == "__main__":
    app()
