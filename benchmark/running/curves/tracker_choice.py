"""Which trackers there are, what each needs, and the text that names them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from benchmark.errors import UserError, unknown_name

TRACKERS = {"wandb": ["wandb"], "mlflow": ["mlflow", "sqlalchemy", "alembic"]}
"""Name of each tracker -> the packages that it needs. An extra of this package has its name."""

# Where trackers keep runs; not what lets a user in, which each machine has for itself.
VARIABLES = (
    *("WANDB_BASE_URL", "WANDB_DIR", "WANDB_ENTITY", "WANDB_MODE", "WANDB_PROJECT"),
    *("MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_TRACKING_URI"),
)


def parse_trackers(texts: Iterable[str]) -> tuple[str, ...]:
    """The trackers that texts name, each a comma list.

    Raises:
        UserError: for an unknown one, for a text that names none, and if a package is missing.
    """
    names: dict[str, None] = {}
    for text in texts:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if not parts:
            raise UserError(f"--track {text!r} names no tracker; valid: {', '.join(TRACKERS)}")
        names |= dict.fromkeys(parts)
    for name in names:
        if name == "tensorboard":
            raise UserError(
                "--track tensorboard is not needed: every run writes its curve for TensorBoard; "
                f"valid: {', '.join(TRACKERS)}"
            )
        if name not in TRACKERS:
            raise unknown_name("tracker in --track", name, TRACKERS)
        missing = [package for package in TRACKERS[name] if find_spec(package) is None]
        if missing:
            raise UserError(
                f"--track {name} needs what is not installed: {', '.join(missing)}; install it "
                f"with `python -m pip install -c constraints.txt -e '.[{name}]'`"
            )
    return tuple(names)
