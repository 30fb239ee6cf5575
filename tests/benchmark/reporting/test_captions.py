from __future__ import annotations

from typing import Any

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


def data(name: str, kind: str, **sizes: int) -> dict[str, Any]:
    return {"id": name, "kind": kind, **sizes}


def test_the_caption_is_silent_on_runs_without_a_score() -> None:
    other = data("mage/maze2d/umaze-v0", "collected here")
    lost = failed(UMAZE, "bc", 0, steps=7, episodes=5, goal="shown", dataset=other)
    told = conditions(run_frame([completed(UMAZE, "mage", 0, 1.0), lost]))
    assert told == (
        "Preset quick, 100 gradient steps and 2 evaluation episodes a run. "
        "Data: D4RL/pointmaze/umaze-v2 (published data). Goal: hidden from MAGE."
    )


def test_a_few_datasets_are_described_each() -> None:
    sizes = {"recorded_episodes": 100, "recorded_steps": 20_000}
    sets = [data("rebuilt/a-v0", "re-creation", **sizes), data("b-v0", "own data", **sizes)]
    sets += [sets[0], {"id": "c-v0", "source": "Minari"}]
    records = [completed(UMAZE, "mage", seed, 1.0, dataset=each) for seed, each in enumerate(sets)]
    published = "; published set: 13,210 episodes"
    told = (
        f"Data: rebuilt/a-v0 (re-creation, 100 episodes{published}), "
        f"b-v0 (own data, 100 episodes{published}), c-v0 (data of unknown origin{published})."
    )
    assert told in conditions(run_frame(records))


def test_many_datasets_are_listed_by_kind_and_more_are_counted() -> None:
    kinds = ["published", "re-creation", "re-creation", "collected here", *["published"] * 9]
    records = [
        completed(f"own-{n:02}", "mage", 0, 1.0, dataset=data(f"d{n}", kind))
        for n, kind in enumerate(kinds)
    ]
    assert (
        "Data: published data: d0, d4; re-creation: d1, d2; collected here: d3. The provenance "
        "table has their sizes."
    ) in conditions(run_frame(records[:5]))
    assert (
        "Data: published data: 10 datasets; re-creation: 2 datasets; collected here: 1 dataset. "
    ) in conditions(run_frame(records))
    assert "datasets" not in conditions(run_frame(records[:12]))


def test_unequal_budgets_are_told_as_least_and_most() -> None:
    budgets = ({"steps": 20_000, "episodes": 3}, {"steps": 500, "episodes": 1})
    records = [completed(UMAZE, "mage", seed, 1.0, **each) for seed, each in enumerate(budgets)]
    told = conditions(run_frame(records))
    assert "500 to 20,000 gradient steps and 1 to 3 evaluation episodes a run" in told


def test_one_of_a_thing_is_singular() -> None:
    runs = run_frame([completed(UMAZE, "mage", 0, 1.0, steps=1, episodes=1)])
    assert "1 gradient step and 1 evaluation episode a run" in conditions(runs)
