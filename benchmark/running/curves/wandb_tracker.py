"""Weights & Biases: runs go to the user's project, or files in the output folder."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmark.errors import UserError
from benchmark.records.record import SCORED_STATUSES, Record
from benchmark.records.store import Store
from benchmark.running.curves.run_facts import RunFacts, final_numbers
from benchmark.running.curves.tracker import Tracker

_PROJECT = "mage-bench"
_FINISH_SECONDS = 60  # What a run waits for an upload at its end; by default for ever.
_FLUSH_SECONDS = 1.0  # What an offline run may lose if its process is killed; by default 15.
_INTERRUPTED = 255  # The exit code after which W&B shows a run as killed.
_LONGEST_TAG = 64
_SERVICE = "WANDB_SERVICE"


class WandbTracker(Tracker):
    """A run of Weights & Biases; see `Tracker`.

    It is independent of the run that a user has active, captures no output, and samples no use of
    the machine, since time is measured there.
    """

    name = "wandb"
    _wandb_run: Any

    @classmethod
    def prepare(cls, store: Store) -> str:
        """See `Tracker`."""
        settings = _user_settings()
        mode, project = _mode(settings), _project(settings)
        if mode == "online" and not _is_logged_in(settings):
            raise UserError(
                f"--track wandb: WANDB_MODE is online, and nobody is logged in to "
                f"{settings.base_url}; run `wandb login`, or set WANDB_MODE=offline"
            )
        if mode == "offline" and store.is_remote and not os.environ.get("WANDB_DIR"):
            raise UserError(
                f"--track wandb would keep its files at {store.location}, where `wandb sync` "
                "cannot read them; run `wandb login`, or set WANDB_DIR to a folder"
            )
        if mode != "offline":
            return f"wandb: project {project}, {mode}"
        folder = Path(_directory(store.folder)) / "wandb"
        return f"wandb: project {project}, offline; upload with `wandb sync {folder}/offline-run-*`"

    def where(self) -> str:
        """See `Tracker`."""
        settings = _user_settings()
        project = "/".join(filter(None, [settings.entity, _project(settings)]))
        return f"{settings.base_url} {project} {_mode(settings)}"

    def open_run(self, known: str | None, facts: RunFacts) -> str:
        """See `Tracker`."""
        import wandb  # Takes seconds, and need not be installed.

        user = _user_settings()
        tags = [f"{name}:{value}"[:_LONGEST_TAG] for name, value in facts.tags.items()]
        with _no_hooks():
            self._wandb_run = wandb.init(
                project=_project(user),
                mode=_mode(user),
                dir=_directory(self._place.out),
                id=known or secrets.token_hex(6),
                resume="allow",
                name=facts.name,
                group=facts.group,
                tags=tags,
                reinit="create_new",
                settings=wandb.Settings(
                    console="off",
                    silent=True,
                    x_disable_stats=True,
                    x_transaction_log_flush_interval=_FLUSH_SECONDS,
                    finish_timeout=user.finish_timeout or _FINISH_SECONDS,
                    finish_timeout_raises=True,
                ),
            )
        # A run that goes on has settings already, and may now have more steps.
        config = {**facts.tags, **facts.budget, "settings": facts.settings}
        self._wandb_run.config.update(config, allow_val_change=True)
        return str(self._wandb_run.id)

    def log(self, values: Mapping[str, float], step: int) -> None:
        """See `Tracker`."""
        self._wandb_run.log(dict(values), step=step)

    def close_run(self, record: Record | None) -> None:
        """See `Tracker`."""
        code = _INTERRUPTED
        if record is not None:
            ending = {"status": record.status, "reason": record.reason or ""}
            self._wandb_run.summary.update({**final_numbers(record), **ending})
            code = 0 if record.status in SCORED_STATUSES else 1
        self._wandb_run.finish(exit_code=code)


def _user_settings() -> Any:
    """What the user has set in the environment and in files."""
    import wandb  # See above.

    with _no_hooks():
        return wandb.setup().settings


def _mode(settings: Any) -> str:
    """What the user says; else online if somebody is logged in, and offline if not."""
    if own := os.environ.get("WANDB_MODE"):
        return own
    is_asked = settings.mode != "online"  # In a file: online is the default.
    return str(settings.mode) if is_asked or _is_logged_in(settings) else "offline"


def _is_logged_in(settings: Any) -> bool:
    from requests.utils import get_netrc_auth  # Comes with wandb, which keeps its keys there.

    key = os.environ.get("WANDB_API_KEY") or settings.api_key or settings.identity_token_file
    return bool(key or get_netrc_auth(settings.base_url))


def _project(settings: Any) -> str:
    return os.environ.get("WANDB_PROJECT") or settings.project or _PROJECT


def _directory(out: Path) -> str:
    """The folder that gets a folder `wandb`."""
    return os.environ.get("WANDB_DIR") or str(out)


@contextlib.contextmanager
def _no_hooks() -> Iterator[None]:
    """Puts back what W&B sets in this process when it starts its service: runs are ended here."""
    before = sys.exit, sys.excepthook, os.environ.get(_SERVICE)
    try:
        yield
    finally:
        sys.exit, sys.excepthook, service = before
        if service is None:
            os.environ.pop(_SERVICE, None)
