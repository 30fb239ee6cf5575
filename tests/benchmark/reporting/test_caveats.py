"""What holds for many tables is said once."""

from __future__ import annotations

from benchmark.records.record import Record
from benchmark.reporting.captions import MARKS
from benchmark.reporting.caveats import caveats
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, failed

UMAZE = "maze2d-umaze"
USE, CERTAINTY = "What the numbers may be used for.", "How sure they are."


def texts(*records: Record) -> dict[str, str]:
    return dict(caveats(collate(records)))


def test_each_fact_has_its_topic() -> None:
    notes = texts(completed(UMAZE, "mage", 0, 1.0), failed("adroit-pen-human", "bc", 0))
    assert list(notes) == [
        *(USE, CERTAINTY, "How means are marked.", "What is called more than chance."),
        *("What adroit was run with.", "What maze2d was run with."),
    ]
    assert notes[USE].startswith("Preset quick: a comparison on a laptop")
    assert "one training seed: no standard error" in notes[CERTAINTY]
    assert notes["How means are marked."] == MARKS
    assert "corrected after Holm, at 5%" in notes["What is called more than chance."]
    assert notes["What maze2d was run with."] == (
        "Preset quick, 100 gradient steps and 2 evaluation episodes a run. Data: "
        "D4RL/pointmaze/umaze-v2 (published data). Goal: hidden from MAGE."
    )


def test_what_is_not_on_published_data_is_named() -> None:
    def use(*runs: Record) -> str:
        return texts(*runs)[USE].split("Published scores", 1)[1]

    on_published = completed(UMAZE, "mage", 0, 1.0)
    assert use(on_published) == (" belong to published data, from which all of this was learnt.")
    others = {"adroit-pen-expert": "re-creation", "adroit-door-expert": "re-creation"}
    others |= {"maze2d-large": "collected here", "multi2d-umaze": "unknown"}
    data = {task: {"id": "a", "kind": kind} for task, kind in others.items()}
    runs = [completed(task, "mage", 0, 1.0, dataset=dataset) for task, dataset in data.items()]
    assert use(on_published, *runs).endswith(
        " Here these are on other data, as the tables of their benchmarks say too: re-creation: "
        "adroit-pen-expert, adroit-door-expert; collected here: maze2d-large; unknown data: "
        "multi2d-umaze."
    )
    assert use(failed(UMAZE, "mage", 0)) == " belong to published data."


def test_seeds_of_the_search_are_not_for_reported_scores() -> None:
    def use(*seeds: int) -> str:
        return texts(*(completed(UMAZE, "mage", seed, 1.0) for seed in seeds))[USE]

    assert "searched" not in use(0, 9, 99)
    assert (
        " Training seeds of 100 and above are those that settings are searched on (100, 104): "
        "scores from them may be of settings that were chosen for them, and are not to be reported."
    ) in use(0, 104, 100)


def test_of_fewer_than_five_seeds_the_error_is_called_a_guess() -> None:
    mean = (
        "Every number is a mean over {} training seeds ± its standard error, which holds the "
        "luck of training and of the evaluation episodes."
    )
    guess = " From fewer than five, the standard error is itself a rough guess."
    for seeds, rough in ((2, guess), (4, guess), (5, "")):
        notes = texts(*(completed(UMAZE, "mage", seed, 1.0) for seed in range(seeds)))
        assert notes[CERTAINTY] == mean.format(seeds) + rough
    # A mean is over the seeds of its agent and task, however many others have.
    uneven = [completed(UMAZE, "mage", seed, 1.0) for seed in range(5)]
    notes = texts(*uneven, completed(UMAZE, "bc", 7, 1.0))
    assert notes[CERTAINTY] == mean.format("1 to 5") + guess + " Of one seed there is none."
    notes = texts(completed(UMAZE, "mage", 0, 1.0), completed(UMAZE, "bc", 1, 1.0))
    assert notes[CERTAINTY].startswith("Every number comes from one training seed:")


def test_preset_of_another_version_is_named() -> None:
    use = texts(completed(UMAZE, "mage", 0, 1.0, preset="huge"))[USE]
    assert use.startswith("Preset huge: not a preset of this version.")
