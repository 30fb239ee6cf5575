"""What may be said of who is ahead: never more than was tested."""

from __future__ import annotations

from typing import Any

from benchmark.records.record import Record
from benchmark.reporting.claims import claims
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, failed, of_seeds

UMAZE, MEDIUM, LARGE, PEN = "maze2d-umaze", "maze2d-medium", "maze2d-large", "adroit-pen-human"
MADE_WITH = "2 training seeds, preset quick; data: published."


def flat(task: str, agent: str, *scores: float, **changes: Any) -> list[Record]:
    return [
        completed(*(task, agent, seed, score), episode_seeds=[1, 2], **changes)
        for seed, score in enumerate(scores)
    ]


def said(*records: Record, reference: str | None = None) -> list[str]:
    return claims(collate(records, reference))


def test_ahead_level_near_and_behind_over_two_benchmarks() -> None:
    scores = {
        UMAZE: {"mage": (90, 91), "dt": (40, 41)},
        MEDIUM: {"mage": (50, 54), "dt": (50, 52)},
        LARGE: {"mage": (20, 20), "dt": (10, 10)},
        PEN: {"mage": (10, 10), "dt": (80, 80)},
        "adroit-door-human": {"mage": (1, 5), "dt": (4, 4)},
    }
    records = [
        record
        for task, agents in scores.items()
        for agent, means in agents.items()
        for record in flat(task, agent, *means)
    ]
    leader, margin, made_with = said(*records)
    assert leader == (
        "MAGE has the highest mean on 3 of 5 tasks. On 2 (maze2d-umaze, maze2d-large) it is ahead "
        "of every other agent by more than chance; on 1 (maze2d-medium) it cannot be told from the "
        "next best. Elsewhere it cannot be told from the best on 1 (adroit-door-human) and is "
        "behind the best by more than chance on 1 (adroit-pen-human)."
    )
    # On average (90.5 + 52 + 20 + 10 + 3) / 5 against (40.5 + 51 + 10 + 80 + 4) / 5.
    assert margin.startswith("Averaged over all 5 tasks it scores 2.0 lower than DT (95 % interval")
    assert margin.endswith("), which may be chance.")
    assert made_with == MADE_WITH


def test_the_reference_is_spoken_of_where_another_agent_leads() -> None:
    tasks = {UMAZE: (10, 90), MEDIUM: (10, 90), LARGE: (70, 20), PEN: (5, 9)}
    records = [
        record
        for task, (mage, iql) in tasks.items()
        for agent, mean in (("mage", mage), ("iql", iql))
        for record in flat(task, agent, mean, mean)
    ]
    leader, margin, reference, _ = said(*records)
    assert leader == (
        "IQL has the highest mean on 3 of 4 tasks. It is ahead of every other agent by more than "
        "chance on each of them. Elsewhere it is behind the best by more than chance on 1 "
        "(maze2d-large)."
    )
    assert margin == (
        "Averaged over all 4 tasks it scores 28.5 higher than MAGE (95 % interval 28.5 to 28.5)."
    )
    assert reference == (
        "MAGE, the reference, has the highest mean on 1, by more than chance; elsewhere it is "
        "behind the best by more than chance on 3 (adroit-pen-human, maze2d-umaze, maze2d-medium)."
    )
    assert len(said(*records, reference="iql")) == 3, "the leader is the reference"


def test_a_reference_without_a_highest_mean_or_a_score() -> None:
    records = [
        *(*flat(UMAZE, "mage", 1, 9), *flat(UMAZE, "bc", 9, 9), *flat(MEDIUM, "bc", 9, 9)),
        *(*flat(MEDIUM, "dt", 1, 1), failed(MEDIUM, "mage", 0)),
    ]
    assert (
        "MAGE, the reference, cannot be told from the best on 1 (maze2d-umaze) and has no score on "
        "1 (maze2d-medium)."
    ) in said(*records)
    lost = [*flat(UMAZE, "dt", 1, 1), *flat(UMAZE, "bc", 9, 9), failed(UMAZE, "mage", 0)]
    assert not any("reference" in sentence for sentence in said(*lost, reference="mage"))


def test_the_only_task_is_called_by_its_name() -> None:
    leader, *rest = said(*flat(UMAZE, "mage", 90, 91), *flat(UMAZE, "bc", 1, 2))
    assert leader == (
        "MAGE has the highest mean on maze2d-umaze. It is ahead of every other agent by more than "
        "chance."
    )
    assert rest == [MADE_WITH]
    leader, *_ = said(*flat(UMAZE, "mage", 5, 9), *flat(UMAZE, "bc", 5, 8))
    assert leader == (
        "MAGE has the highest mean on maze2d-umaze. It is ahead there, but not by more than chance."
    )


def test_one_seed_tells_nothing() -> None:
    records = [
        *(*flat(UMAZE, "mage", 90), *flat(UMAZE, "bc", 1)),
        *(*flat(MEDIUM, "mage", 90), *flat(MEDIUM, "bc", 1)),
    ]
    assert said(*records) == [
        "MAGE has the highest mean on all 2 tasks, but one training seed tells nothing: another "
        "seed may reverse it.",
        "1 training seed, preset quick; data: published.",
    ]


def test_ties() -> None:
    shared = [*flat(UMAZE, "mage", 9, 9), *flat(UMAZE, "bc", 9, 9), *flat(UMAZE, "dt", 1, 1)]
    assert said(*shared)[0] == (
        "MAGE and BC share the highest mean on maze2d-umaze. Neither is ahead of every other agent "
        "by more than chance."
    )
    split = [*flat(UMAZE, "mage", 9, 9), *flat(UMAZE, "bc", 1, 1)]
    split += [*flat(MEDIUM, "mage", 3, 9), *flat(MEDIUM, "bc", 9, 9)]
    assert said(*split)[0] == (
        "MAGE and BC each have the highest mean on 1 of 2 tasks. Ahead of every other agent by "
        "more than chance: MAGE on 1."
    )
    many = [
        *(*flat(UMAZE, "mage", 9, 9), *flat(UMAZE, "bc", 1, 1), *flat(UMAZE, "dt", 1, 1)),
        *(*flat(MEDIUM, "mage", 1, 1), *flat(MEDIUM, "bc", 9, 9), *flat(MEDIUM, "dt", 1, 1)),
        *(*flat(LARGE, "mage", 1, 1), *flat(LARGE, "bc", 1, 1), *flat(LARGE, "dt", 9, 9)),
    ]
    assert said(*many)[:2] == [
        "MAGE, DT and BC each have the highest mean on 1 of 3 tasks. No agent has it on more.",
        MADE_WITH,
    ]
    equal = [*flat(UMAZE, "mage", 0, 0), *flat(UMAZE, "bc", 0, 0)]
    assert said(*equal) == ["All agents have the same mean on maze2d-umaze.", MADE_WITH]


def test_nothing_to_compare() -> None:
    end = "so that nothing can be compared."
    assert said(failed(UMAZE, "mage", 0)) == [f"No run has a score, {end}"]
    assert said(*of_seeds(UMAZE, 1, 2)) == [f"MAGE is the only agent with a score, {end}"]
    apart = [*flat(UMAZE, "mage", 1, 2), *flat(PEN, "bc", 1, 2)]
    assert said(*apart) == [f"No task has scores of two agents, {end}"]
    variant = completed(UMAZE, "mage.k1", 0, 1.0)
    assert said(*of_seeds(UMAZE, 1, 2), variant) == [
        "MAGE is the only agent with a score; the table of ablations compares its variants."
    ]
    assert said(variant) == [
        "There are variants of MAGE alone; the table of ablations compares them."
    ]


def test_an_average_over_part_of_the_tasks_says_so() -> None:
    records = [
        record
        for task in (UMAZE, MEDIUM, LARGE)
        for agent, mean in (("mage", 9), ("bc", 1))
        for record in flat(task, agent, mean, mean)
        if record.run.name != f"{LARGE}/bc/seed-1"
    ]
    assert "Averaged over the 2 complete tasks it scores 8.0 higher than BC" in said(*records)[1]


def test_agents_that_are_told_the_goal_are_named() -> None:
    told = flat(UMAZE, "diffuser", 90, 90, goal="in-painted")
    assert "The goal is told to Diffuser and not to others, on 1 task." in said(
        *told, *flat(UMAZE, "mage", 1, 1)
    )
