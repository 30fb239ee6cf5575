"""The first screen of a report: who is ahead, by how much, and what to distrust."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.reporting.badges import Badge, badges
from benchmark.reporting.blocks import Block, Section
from benchmark.reporting.caveats import caveats
from benchmark.reporting.claims import claims
from benchmark.reporting.front_tables import heat_table, leaderboard_table
from benchmark.statistics.costs import uneven_training
from benchmark.statistics.frames import Frames
from benchmark.statistics.leaderboard import leaderboard_frame


@dataclass(frozen=True)
class Front:
    """What stands above all sections of a report.

    Attributes:
        sentences: what may be said of who is ahead, the most important first.
        badges: what the runs were made with.
        section: the leaderboard, and tasks by agents; neither where nothing was run but variants.
        caveats: what holds for many tables: (what it is about, the text).
    """

    sentences: list[str]
    badges: list[Badge]
    section: Section
    caveats: list[tuple[str, str]]


def front(frames: Frames) -> Front:
    """The first screen of a report.

    Args:
        frames: of all records, of which there is one or more.
    """
    plain = frames.plain
    section = Section("Leaderboard", [])
    if len(plain.scores):
        group = plain.groups[-1]
        costs = (plain.latency, plain.costs)
        board = leaderboard_frame(plain.scores, group, plain.aggregates, *costs)
        blocks: list[Block] = [
            leaderboard_table(board, group, plain.scores),
            heat_table(plain.scores),
        ]
        section = Section("Leaderboard", blocks, "leaderboard", board)
    shown = list(badges(frames.runs))
    if uneven_training(frames.costs):
        shown.append(Badge("Training", "not equally long for all agents", caution=True))
    return Front(claims(frames), shown, section, list(caveats(frames)))
