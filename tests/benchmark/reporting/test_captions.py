from __future__ import annotations

from benchmark.reporting.captions import conditions
from benchmark.statistics.score_frames import run_frame
from tests.benchmark.synthetic_records import completed, failed

UMAZE = "maze2d-umaze"


def test_caption_names_no_agents_where_all_know_as_much_of_the_goal() -> None:
    records = [completed(UMAZE, agent, 0, 1.0, goal="hidden") for agent in ("mage", "bc")]
    assert "Goal: hidden from all agents." in conditions(run_frame(records))
    one = [records[0], completed(UMAZE, "mage", 1, 1.0, goal="hidden")]
    assert "Goal: hidden from MAGE." in conditions(run_frame(one))
    records.append(completed(UMAZE, "diffuser", 0, 1.0, goal="in-painted"))
    told = "Goal: hidden from MAGE, BC; fixed into the plans of Diffuser."
    assert told in conditions(run_frame(records))


def test_the_caption_is_silent_on_runs_without_a_score() -> None:
    data = {"id": "D4RL/pointmaze/umaze-v2", "source": "Minari"}
    lost = failed(UMAZE, "bc", 0, steps=7, episodes=5, goal="shown", dataset=data)
    told = conditions(run_frame([completed(UMAZE, "mage", 0, 1.0), lost]))
    assert told == (
        "Preset quick, 100 gradient steps and 2 evaluation episodes a run. "
        "Data: mage/maze2d/umaze-v0 (local recipe). Goal: hidden from MAGE."
    )


def test_long_lists_of_datasets_are_counted() -> None:
    many = [
        completed(f"maze2d-{n:02}", "mage", 0, 1.0, dataset={"id": f"d{n}", "source": "Minari"})
        for n in range(13)
    ]
    told = "Data: 13 datasets, listed in the provenance table (Minari)."
    assert told in conditions(run_frame(many))
    twelve = ", ".join(f"d{n}" for n in range(12))
    assert f"Data: {twelve} (Minari)." in conditions(run_frame(many[:-1]))


def test_datasets_stand_beside_where_they_are_from() -> None:
    local = "local recipe"
    data = [("b", local), ("a", "Minari"), ("c", local), ("b", local)]
    records = [
        completed(UMAZE, "mage", seed, 1.0, dataset={"id": name, "source": source})
        for seed, (name, source) in enumerate(data)
    ]
    assert "Data: b, c (local recipe); a (Minari)." in conditions(run_frame(records))


def test_unequal_budgets_are_told_as_least_and_most() -> None:
    budgets = ({"steps": 20_000, "episodes": 3}, {"steps": 500, "episodes": 1})
    records = [completed(UMAZE, "mage", seed, 1.0, **each) for seed, each in enumerate(budgets)]
    told = conditions(run_frame(records))
    assert "500 to 20,000 gradient steps and 1 to 3 evaluation episodes a run" in told


def test_one_of_a_thing_is_singular() -> None:
    runs = run_frame([completed(UMAZE, "mage", 0, 1.0, steps=1, episodes=1)])
    assert "1 gradient step and 1 evaluation episode a run" in conditions(runs)
