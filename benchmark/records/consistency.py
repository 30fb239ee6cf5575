"""Whether a record says the same of its evaluation in each of its fields."""

from __future__ import annotations

import math

from benchmark.records.record import SCORED_STATUSES, Record

_PER_EPISODE = ("scores", "returns", "successes", "lengths", "episode_seeds")
_ROUNDING = 1e-6  # Of numbers that went through other hands, such as a program for tables.


def contradiction(record: Record) -> str | None:
    """What a record says of itself that cannot be, since somebody changed it; None for nothing.

    The score is the mean of the scores of its episodes, of which there are as many as were asked
    for; so it is with what else is kept of each. A run without a score claims nothing.

    Raises:
        TypeError: where anything but numbers is in their place.
    """
    if record.status not in SCORED_STATUSES or record.score is None:
        return None
    for name in _PER_EPISODE:
        number = len(getattr(record, name))
        # All but the scores may be missing: no task but some says what success is.
        if number != record.run.episodes and (number or name == "scores"):
            return f"it has {number} {name} of {record.run.episodes} episodes"
    if not record.scores:
        return "it has a score, but none of an episode"
    mean = sum(record.scores) / len(record.scores)
    both_lost = math.isnan(mean) and math.isnan(record.score)
    if both_lost or math.isclose(record.score, mean, rel_tol=_ROUNDING, abs_tol=_ROUNDING):
        return None
    return f"its score is {record.score:g}, but the mean of its scores {mean:g}"
