from __future__ import annotations

from dataclasses import replace

from benchmark.records.record import Record
from benchmark.statistics.provenance import (
    clipped_actions,
    goal_advantages,
    mixed_conditions,
    numbers_of_seeds,
    problem_frame,
    provenance_frame,
    seeds_text,
    task_titles,
    tasks_by_kind,
)
from benchmark.statistics.score_frames import run_frame
from tests.benchmark.synthetic_records import DATA, completed, failed, without_data

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


def test_complete_runs_have_no_problems() -> None:
    assert problem_frame(run_frame([completed(UMAZE, "mage", 0, 1.0)])).empty


def test_problems_are_told_once_with_reason_and_remedy() -> None:
    records = [
        *(without_data(UMAZE, agent, seed) for agent in ("mage", "bc") for seed in (0, 1)),
        *(completed(MEDIUM, "mage", seed, 1.0) for seed in (0, 1)),
        failed(MEDIUM, "bc", 0),
    ]
    no_data, broken, missing = problem_frame(run_frame(records)).to_dict("records")
    assert no_data == {
        "task": UMAZE,
        "agents": "MAGE, BC",
        "seeds": "0, 1",
        "status": "no-dataset",
        "reason": "no network",
        "remedy": "connect or use --data local",
    }
    assert (broken["agents"], broken["seeds"], broken["reason"]) == (
        "BC",
        "0",
        "RuntimeError: diverged",
    )
    assert (missing["agents"], missing["seeds"], missing["status"]) == ("BC", "1", "missing")
    assert "--resume" in missing["remedy"]


def test_failure_without_a_reason_still_says_what_to_do() -> None:
    (row,) = problem_frame(run_frame([failed(UMAZE, "bc", 0, reason=None, remedy=None)])).to_dict(
        "records"
    )
    assert "no reason" in row["reason"]
    assert "--resume" in row["remedy"]


def test_provenance_lists_what_a_cell_was_made_from() -> None:
    records = [
        completed(UMAZE, "mage", 0, 1.0, steps=100),
        completed(UMAZE, "mage", 1, 1.0, steps=200),
        failed(UMAZE, "bc", 0),
    ]
    (row,) = provenance_frame(run_frame(records)).to_dict("records")
    assert (row["task"], row["agent"], row["seeds"], row["steps"]) == (
        UMAZE,
        "mage",
        "0, 1",
        "100, 200",
    )
    assert (row["dataset"], row["kind"]) == ("D4RL/pointmaze/umaze-v2", "published")
    assert (row["preset"], row["goal"], row["episodes"]) == ("quick", "hidden", "2")
    assert (row["recorded_mean"], row["recorded_best"]) == ("", ""), "older records lack them"


def test_every_column_of_provenance_is_its_own() -> None:
    data = {"id": "an id", "kind": "a kind", "hash": "a hash"}
    data |= {"recorded_episodes": 7, "recorded_steps": 9}
    data |= {"recorded_scores": {"mean": 1.5, "best": 9.0}}
    more = {"goal": "shown", "steps": 300, "episodes": 7, "parameters": 77, "commit": "a commit"}
    more |= {"dataset": data, "settings": {"a": 1}, "samples": 16}
    runs = run_frame([completed(UMAZE, "mage", 4, 1.0, **more)])
    assert provenance_frame(runs).to_dict("records") == [
        {
            **{"benchmark": "maze2d", "task": UMAZE, "agent": "mage", "preset": "quick"},
            **{"dataset": "an id", "kind": "a kind", "hash": "a hash", "goal": "shown"},
            "data": "a kind, 7 episodes; published set: 13,210 episodes",
            **{"seeds": "4", "episodes": "7", "steps": "300", "settings": '{"a": 1}'},
            **{"parameters": "77", "commit": "a commit", "samples": "16"},
            **{"recorded_mean": "1.5", "recorded_best": "9.0"},
        }
    ]


def test_tasks_are_called_by_their_data_unless_it_is_published() -> None:
    kinds = {"mage": "published", "bc": "re-creation", "dt": "altered", "cql": "own data"}
    runs = [
        completed(UMAZE, agent, 0, 1.0, dataset={**DATA, "kind": kind})
        for agent, kind in kinds.items()
    ]
    assert task_titles(run_frame(runs[:1])) == {UMAZE: UMAZE}
    assert task_titles(run_frame(runs[1:2])) == {UMAZE: "maze2d-umaze (re-creation)"}
    mixed = "maze2d-umaze (published data, altered data, own data, re-creation)"
    assert task_titles(run_frame(runs)) == {UMAZE: mixed}
    # Records of earlier versions say where their data lay, not what it is.
    old = {"id": "D4RL/pointmaze/umaze-v2", "source": "Minari", "hash": "aaaa"}
    runs = [completed(UMAZE, "mage", 0, 1.0, dataset=old), without_data(MEDIUM, "mage", 0)]
    assert task_titles(run_frame(runs)) == {UMAZE: "maze2d-umaze (unknown data)", MEDIUM: MEDIUM}


def test_what_was_never_run_is_told_task_by_task_of_a_benchmark() -> None:
    runs = [
        (UMAZE, "mage", 1),
        (UMAZE, "mage", 0),
        (MEDIUM, "bc", 0),
        ("adroit-pen-human", "dt", 9),
    ]
    frame = problem_frame(run_frame([completed(*run, 1.0) for run in runs]))
    assert frame[["task", "agents", "seeds", "status"]].to_numpy().tolist() == [
        [UMAZE, "BC", "0, 1", "missing"],
        [MEDIUM, "MAGE", "0, 1", "missing"],
        [MEDIUM, "BC", "1", "missing"],
    ]
    assert list(frame.columns) == ["task", "agents", "seeds", "status", "reason", "remedy"]


def test_a_capped_run_is_a_problem_too_though_it_has_a_score() -> None:
    short = replace(completed(UMAZE, "mage", 0, 1.0), status="capped", reason="no time")
    (row,) = problem_frame(run_frame([short])).to_dict("records")
    assert (row["status"], row["reason"]) == ("capped", "no time")


def test_runs_without_a_score_mix_nothing() -> None:
    lost = failed(UMAZE, "mage", 1, steps=7, episodes=9, commit="def", settings={"a": 1})
    assert mixed_conditions(run_frame([completed(UMAZE, "mage", 0, 1.0), lost])) == []


def test_agents_that_often_leave_their_bounds_are_named() -> None:
    def of(agent: str, *shares: float | None) -> list[Record]:
        return [
            completed(UMAZE, agent, seed, 1.0, clipped_actions=share)
            for seed, share in enumerate(shares)
        ]

    records = [
        *of("mage", 0.0, 0.005),
        *of("bc", 0.5, 0.0),
        *of("dt", None, 0.01),
        *of("iql", None),
    ]
    assert clipped_actions(run_frame(records)) == [
        f"{UMAZE} / {agent}: in {share} of the steps of its evaluation the action lay outside its "
        "bounds, and was clipped to them"
        for agent, share in (("DT", "1.0%"), ("BC", "25.0%"))
    ]


def test_tasks_may_differ_in_data_and_agents_in_steps() -> None:
    records = [
        completed(UMAZE, "mage", 0, 1.0, steps=1),
        completed(UMAZE, "bc", 0, 1.0, steps=2, settings={"a": 1}),
        completed(MEDIUM, "mage", 0, 1.0, steps=3, episodes=9, dataset={**DATA, "hash": "b"}),
    ]
    assert mixed_conditions(run_frame(records)) == []


def test_equal_conditions_give_no_note() -> None:
    records = [completed(UMAZE, agent, seed, 1.0) for agent in ("mage", "bc") for seed in (0, 1)]
    assert mixed_conditions(run_frame(records)) == []


def test_unequal_conditions_are_named() -> None:
    records = [
        completed(UMAZE, "mage", 0, 1.0),
        completed(UMAZE, "mage", 1, 1.0, steps=7, settings={"width": 3}),
        completed(UMAZE, "bc", 0, 1.0, dataset={**DATA, "hash": "bbbb"}, episodes=9, commit="def"),
        completed(MEDIUM, "bc", 0, 1.0, samples=8),
        completed(MEDIUM, "mage", 0, 1.0),
    ]
    assert mixed_conditions(run_frame(records)) == [
        "maze2d-umaze: learnt from different data, content hashes aaaa, bbbb",
        "maze2d-umaze: scored over different numbers of episodes: 2, 9",
        "maze2d-umaze / mage: trained for different numbers of gradient steps: 100, 7",
        'maze2d-umaze / mage: trained with different settings: defaults, {"width": 3}',
        "maze2d-medium: trained with the best of different numbers of settings searched: none, 8",
        "quick: run from different commits: abc, def",
    ]


def test_files_of_other_contents_and_commits_of_parts_are_named() -> None:
    parts = [{"from": 0, "commit": "abc"}, {"from": 7, "commit": "def"}]
    records = [
        completed(UMAZE, "mine", 0, 1.0, source_hash="a" * 64, task_hash="c" * 64, commit="def"),
        completed(UMAZE, "mine", 1, 1.0, source_hash="b" * 64, task_hash="c" * 64, commit="def"),
        completed(UMAZE, "bc", 0, 1.0, task_hash="d" * 64, commit="def", trained_with=parts),
    ]
    assert mixed_conditions(run_frame(records)) == [
        f"maze2d-umaze / mine: of different contents of the agent's file, hashes {'a' * 12}, "
        f"{'b' * 12}",
        f"maze2d-umaze: played by different contents of the task's file, hashes {'d' * 12}, "
        f"{'c' * 12}",
        "quick: run from different commits: abc, def",
    ]


def test_who_is_told_a_goal_that_others_are_not() -> None:
    goals = {
        UMAZE: {"mage": "hidden", "diffuser": "in-painted", "bc": "shown"},
        "antmaze-umaze": {"mage": "shown", "diffuser": "in-painted"},  # Nobody is at a loss.
        "kitchen-complete": {"mage": "none", "diffuser": "none"},
    }
    records = [
        completed(task, agent, 0, 1.0, goal=goal)
        for task, agents in goals.items()
        for agent, goal in agents.items()
    ]
    assert goal_advantages(run_frame(records)) == {"diffuser": [UMAZE], "bc": [UMAZE]}
    # What has no score takes no advantage, and is at no disadvantage.
    alone = [failed(UMAZE, "mage", 0, goal="hidden"), *records[1:]]
    assert goal_advantages(run_frame(alone)) == {}


def test_tasks_are_listed_by_what_their_data_is() -> None:
    kinds = {UMAZE: "published", "kitchen-complete": "re-creation", "own-task": "published"}
    records = [
        completed(task, "mage", 0, 1.0, dataset={"id": "a", "kind": kind})
        for task, kind in kinds.items()
    ]
    assert tasks_by_kind(run_frame([*records, failed("antmaze-umaze", "mage", 0)])) == {
        "re-creation": ["kitchen-complete"],
        "published": [UMAZE, "own-task"],
    }


def test_a_seed_that_failed_is_none_of_a_score() -> None:
    lost = [failed(UMAZE, "mage", 1), failed(UMAZE, "mage", 2)]
    assert numbers_of_seeds(run_frame([completed(UMAZE, "mage", 0, 1.0), *lost])) == (1, 1)
    assert numbers_of_seeds(run_frame(lost)) == (2, 2), "where none has a score, all count"


def test_seeds_are_those_of_the_cell_with_the_fewest_and_of_that_with_the_most() -> None:
    cells = {"mage": 3, "bc": 1}
    records = [
        completed(UMAZE, a, seed, 1.0) for a, count in cells.items() for seed in range(count)
    ]
    assert seeds_text(run_frame(records)) == "1 to 3 training seeds"
    assert seeds_text(run_frame(records[:3])) == "3 training seeds"
    assert seeds_text(run_frame(records[3:])) == "1 training seed"
