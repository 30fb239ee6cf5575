from __future__ import annotations

from benchmark.records.record import Record
from benchmark.reporting.headline import headline
from benchmark.statistics.score_frames import run_frame
from tests.benchmark.synthetic_records import completed, failed

UMAZE = "maze2d-umaze"


def test_headline_counts_runs_and_names_seeds() -> None:
    head = headline(run_frame([completed(UMAZE, "mage", 4, 1.0), failed(UMAZE, "bc", 0)]))
    assert head.text == "2 runs: 1 completed, 1 failed. Seeds: 0, 4."


def test_notes_say_what_the_numbers_are_for_and_how_sure() -> None:
    use, certainty = headline(run_frame([completed(UMAZE, "mage", 0, 1.0)])).notes
    assert use[0] == "What the numbers may be used for."
    assert use[1].startswith("Preset quick: a comparison on a laptop")
    assert "one training seed: no standard error" in certainty[1]


def test_what_is_not_on_published_data_is_named() -> None:
    def use(*runs: Record) -> str:
        return headline(run_frame(runs)).notes[0][1].split("Published scores", 1)[1]

    on_published = completed(UMAZE, "mage", 0, 1.0)
    assert use(on_published) == (" belong to published data, from which all of this was learnt.")
    others = {"adroit-pen-expert": "re-creation", "adroit-door-expert": "re-creation"}
    others |= {"maze2d-large": "collected here", "multi2d-umaze": "unknown"}
    runs = [
        completed(task, "mage", 0, 1.0, dataset={"kind": kind}) for task, kind in others.items()
    ]
    assert use(on_published, *runs).endswith(
        " Here these are on other data, as the names of their rows say: re-creation: "
        "adroit-pen-expert, adroit-door-expert; collected here: maze2d-large; unknown data: "
        "multi2d-umaze."
    )
    assert use(failed(UMAZE, "mage", 0)) == " belong to published data."


def test_seeds_of_the_search_are_not_for_reported_scores() -> None:
    def use(*seeds: int) -> str:
        return headline(run_frame([completed(UMAZE, "mage", seed, 1.0) for seed in seeds])).notes[
            0
        ][1]

    assert "searched" not in use(0, 9, 99)
    assert (
        " Training seeds of 100 and above are those that settings are searched on (100, 104): "
        "scores from them may be of settings that were chosen for them, and are not to be reported."
    ) in use(0, 104, 100)


def test_of_fewer_than_five_seeds_the_error_is_called_a_guess() -> None:
    def certainty(seeds: int) -> str:
        records = [completed(UMAZE, "mage", seed, 1.0) for seed in range(seeds)]
        return headline(run_frame(records)).notes[1][1]

    mean = (
        "Every number is a mean over up to {} training seeds ± its standard error, which holds the "
        "luck of training and of the evaluation episodes."
    )
    guess = " From so few, the standard error is itself a rough guess."
    marks = (
        " Bold marks the largest mean, underlining means within 5 % of it; neither is a tested "
        "difference. Those that were tested have a section of their own, and say higher, lower or "
        "cannot tell."
    )
    for seeds, rough in ((2, guess), (4, guess), (5, "")):
        assert certainty(seeds) == f"{mean.format(seeds)}{rough}{marks}"


def test_preset_of_another_version_is_named() -> None:
    (_, use), _ = headline(run_frame([completed(UMAZE, "mage", 0, 1.0, preset="huge")])).notes
    assert use.startswith("Preset huge: not a preset of this version.")
