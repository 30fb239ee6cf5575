"""What machines are called in tables: a short name in each row, the whole one in a footnote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# What a name says beside the model: marks, clock rates, cores, and the graphics of a laptop.
_REST = re.compile(
    r"\((?:R|TM|C)\)|\b(?:CPU|GPU|Processor|NVIDIA|GeForce|\d+-Core)\b|\s(?:@|with)\s[^,]*", re.I
)
_VENDOR = re.compile(r"^(?:Intel|AMD)\s+(?=\S)")


def short_names(hardware: Iterable[str]) -> dict[str, str]:
    """Whole names -> short ones, each once: `Intel(R) Xeon(R) Processor, cpu` -> `Xeon`.

    Args:
        hardware: from `costs.latency_frame` or `costs.cost_frame`, in any order.
    """
    whole = sorted(set(hardware))
    short = {name: _short(name) for name in whole}
    for name in set(short.values()):
        same = [machine for machine in whole if short[machine] == name]
        if len(same) > 1:
            short |= {machine: f"{name} ({number})" for number, machine in enumerate(same, start=1)}
    return short


def footnote(short: Mapping[str, str]) -> str:
    """What the short names stand for; empty where each is the whole one."""
    meant = [f"{name} is {whole}" for whole, name in short.items() if name != whole]
    return f" Hardware: {'; '.join(meant)}." if meant else ""


def _short(name: str) -> str:
    words = [" ".join(_REST.sub(" ", part).split()) for part in name.split(",")]
    parts = [_VENDOR.sub("", part) for part in words if part and part != "cpu"]
    return ", ".join(parts) or name
