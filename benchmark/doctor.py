"""The command `python -m benchmark.doctor`, which answers also where typer is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable

app: Callable[[], object]
try:
    from benchmark.cli.doctor import app
except ImportError:
    from benchmark.cli.examination import examine

    def app() -> None:
        """Without options."""
        sys.exit(examine(print))


if __name__ == "__main__":
    app()
