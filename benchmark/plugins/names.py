"""Which names agents and tasks may have: results are filed under them, and pictures show them."""

from __future__ import annotations

import re

from benchmark.errors import UserError

EVERY_AGENT = "all"  # What the user writes for every name there is.
LONGEST_NAME = 100  # Names of files have 255 bytes, and the suite and the variant come on top.


def check_name(
    name: str, kind: str = "agent", remedy: str = "choose one with @register('name')"
) -> None:
    """Refuses a name that would lead out of the output folder, or that means something else.

    Args:
        name: of an agent or a task.
        kind: `agent` or `task`, for the message.
        remedy: how another is chosen.

    Raises:
        UserError: for it.
    """
    if name == EVERY_AGENT:
        raise UserError(
            f"{kind} name {name!r} stands for every registered {kind}; register it under another "
            "name"
        )
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", name) or len(name) > LONGEST_NAME:
        raise UserError(
            f"{kind} name {name!r} is malformed; valid: small letters, digits, '_', '.', '-', the "
            f"first a letter or digit, at most {LONGEST_NAME}; {remedy}"
        )
