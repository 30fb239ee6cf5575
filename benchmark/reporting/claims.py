"""Who is ahead, in sentences: what tested differences allow to be said, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmark.agents.builtin import ROW_ORDER, display_name
from benchmark.records.text import listed
from benchmark.reporting.badges import data_text, goal_text
from benchmark.reporting.tables import number
from benchmark.statistics.frames import Frames
from benchmark.statistics.marks import compared_tasks, highest_counts
from benchmark.statistics.provenance import goal_advantages, seeds_text, tasks_by_kind
from benchmark.statistics.reference_scales import RETURN, task_scales
from benchmark.statistics.score_frames import in_order
from benchmark.statistics.uncertainty import CANNOT_TELL, ONE_SEED
from benchmark.statistics.verdict import (
    AHEAD,
    BEHIND,
    HIGHEST,
    NEAR,
    NO_SCORE,
    Standing,
    lead,
    standings,
)

_NOTHING = "so that nothing can be compared"
_ONE_SEED = "but one training seed tells nothing: another seed may reverse it"
_ABLATION = "the table of ablations compares its variants"
_NAMED = 3  # Tasks that are named; more are only counted.
_MOST_LEADERS = 2  # Agents of which each is spoken of.
_NOT_HIGHEST = {
    NEAR: "cannot be told from the best on {}",
    BEHIND: "is behind the best by more than chance on {}",
    NO_SCORE: "has no score on {}",
}


def claims(frames: Frames) -> list[str]:
    """What may be said of who is ahead, the most important first.

    The agent with the most highest means is spoken of, and the reference if that is another.

    Args:
        frames: of all records; variants of MAGE are not spoken of.
    """
    plain, runs = frames.plain, frames.plain.runs
    if runs.empty:
        return ["There are variants of MAGE alone; the table of ablations compares them."]
    scored = in_order(runs.loc[runs["scored"], "agent"], ROW_ORDER)
    if not scored:
        return [f"No run has a score, {_NOTHING}."]
    if len(scored) == 1:
        only = f"{display_name(scored[0])} is the only agent with a score"
        has_variants = len(frames.runs) > len(runs)
        return [f"{only}; {_ABLATION}." if has_variants else f"{only}, {_NOTHING}."]
    tasks = compared_tasks(plain.scores)
    if not tasks:
        return [f"No task has scores of two agents, {_NOTHING}."]
    return [*_comparison(plain, scored, tasks), *_goals(plain), _made_with(plain)]


def _comparison(plain: Frames, scored: Sequence[str], tasks: Sequence[str]) -> Iterator[str]:
    counts = highest_counts(plain.scores)
    most = max(counts[agent] for agent in scored)
    if not most:
        yield f"All agents have the same mean on {_share(len(tasks), tasks)}."
        return
    leaders = [agent for agent in scored if counts[agent] == most]
    if set(plain.differences["basis"]) == {ONE_SEED}:
        yield f"{_highest(leaders, most, tasks)}, {_ONE_SEED}."
        return
    spoken_of = leaders if len(leaders) <= _MOST_LEADERS else []
    others = [plain.reference] * (plain.reference in scored and plain.reference not in leaders)
    places = standings([*spoken_of, *others], plain.scores, plain.differences)
    first, rest = places[: len(spoken_of)], places[len(spoken_of) :]
    if len(leaders) == 1:
        yield _leader(first[0], tasks)
        yield from _margin(leaders[0], plain, tasks)
    else:
        yield _tied_leaders(leaders, most, tasks, first)
    yield from map(_follower, rest)


def _share(count: int, tasks: Sequence[str]) -> str:
    """`3 of 12 tasks`, or the only task by its name."""
    if len(tasks) == 1:
        return tasks[0]
    return f"all {len(tasks)} tasks" if count == len(tasks) else f"{count} of {len(tasks)} tasks"


def _highest(leaders: Sequence[str], most: int, tasks: Sequence[str]) -> str:
    *names, last = map(display_name, leaders)
    if not names:
        return f"{last} has the highest mean on {_share(most, tasks)}"
    together = f"{', '.join(names)} and {last}"
    if len(tasks) == 1:
        return f"{together} share the highest mean on {tasks[0]}"
    return f"{together} each have the highest mean on {_share(most, tasks)}"


def _leader(standing: Standing, tasks: Sequence[str]) -> str:
    """On how many tasks it is the highest, on how many of them by more than chance; and the rest.

    Args:
        standing: of an agent with a highest mean.
        tasks: all that are compared.
    """
    ahead, level = standing.count(AHEAD), standing.count(HIGHEST)
    text = f"{_highest([standing.agent], ahead + level, tasks)}. "
    tested, untested = "ahead of every other agent by more than chance", "not by more than chance"
    if ahead and level:
        text += (
            f"On {_named(standing, AHEAD)} it is {tested}; on {_named(standing, HIGHEST)} it "
            "cannot be told from the next best."
        )
    elif ahead:
        text += f"It is {tested}{' on each of them' * (ahead > 1)}."
    else:
        text += f"It is ahead there, but {untested}{' on any of them' * (level > 1)}."
    return f"{text} Elsewhere it {words}." if (words := _not_highest(standing)) else text


def _tied_leaders(
    leaders: Sequence[str], most: int, tasks: Sequence[str], places: Sequence[Standing]
) -> str:
    """Agents with equally many highest means; of few, by how many they are ahead."""
    text = f"{_highest(leaders, most, tasks)}."
    if not places:
        return f"{text} No agent has it on more."
    ahead = [f"{display_name(it.agent)} on {it.count(AHEAD)}" for it in places if it.count(AHEAD)]
    if not ahead:
        return f"{text} Neither is ahead of every other agent by more than chance."
    return f"{text} Ahead of every other agent by more than chance: {', '.join(ahead)}."


def _named(standing: Standing, place: str) -> str:
    """On how many tasks it stands there, and which these are if they are few."""
    names = [task for task, at in standing.places.items() if at == place]
    return f"{len(names)} ({listed(names)})" if len(names) <= _NAMED else str(len(names))


def _not_highest(standing: Standing) -> str:
    """How it stands where another mean is the highest; empty where there is no such task."""
    *parts, last = [
        "",
        *(
            words.format(_named(standing, place))
            for place, words in _NOT_HIGHEST.items()
            if standing.count(place)
        ),
    ]
    others = ", ".join(filter(None, parts))
    return f"{others} and {last}" if others else last


def _follower(standing: Standing) -> str:
    """How the reference stands where another agent leads."""
    name, words = display_name(standing.agent), _not_highest(standing)
    count = standing.count(AHEAD, HIGHEST)
    if not count:
        return f"{name}, the reference, {words}."
    ahead = standing.count(AHEAD)
    tested = "" if ahead == count else f"{ahead or 'none'} of them " if count > 1 else "not "
    text = f"{name}, the reference, has the highest mean on {count}, {tested}by more than chance"
    return f"{text}; elsewhere it {words}." if words else f"{text}."


def _margin(agent: str, plain: Frames, tasks: Sequence[str]) -> Iterator[str]:
    """By how much the agent is ahead over all tasks, and whether that may be chance."""
    group = plain.groups[-1]
    margin = lead(agent, group) if len(group.tasks) > 1 else None
    if margin is None or margin[1].basis == ONE_SEED:
        return
    other, estimate = margin
    sign, word = (1, "higher") if estimate.value >= 0 else (-1, "lower")
    low, high = sorted((sign * estimate.low, sign * estimate.high))
    whole = len(group.tasks) == len(tasks)
    which, complete = ("all", "") if whole else ("the", "complete ")
    if RETURN in task_scales(plain.runs).values():
        complete = f"{complete}normalised "
    yield (
        f"Averaged over {which} {len(group.tasks)} {complete}tasks it scores "
        f"{number(abs(estimate.value))} {word} than {display_name(other)} (95 % interval "
        f"{number(low)} to {number(high)})"
        f"{', which may be chance' * (estimate.verdict == CANNOT_TELL)}."
    )


def _goals(plain: Frames) -> Iterator[str]:
    """That some agents know more of the goal than others."""
    if advantages := goal_advantages(plain.runs):
        yield f"The goal is {goal_text(advantages)}."


def _made_with(plain: Frames) -> str:
    runs = plain.runs
    data = data_text(tasks_by_kind(runs))
    return f"{seeds_text(runs)}, preset {runs['preset'].iloc[0]}; data: {data}."
