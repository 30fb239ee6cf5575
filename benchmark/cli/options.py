"""What the commands have in common: options, how their text is read, and one message of errors."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from benchmark.agents.registry import AgentChoice
from benchmark.agents.selection import select_agents
from benchmark.agents.settings import find_preset
from benchmark.cli.groups import CommandGroup
from benchmark.cli.surroundings import check_arguments, check_packages
from benchmark.data.choice import choose_datasets
from benchmark.errors import DatasetError, UserError, one_line, unknown_name
from benchmark.evaluation.episode_seeds import MOST_EPISODES
from benchmark.records.devices import check_device
from benchmark.records.disk import disk_trouble
from benchmark.records.record import DATA_CHOICES
from benchmark.records.store import PROTOCOL
from benchmark.records.terminal import forgive_output
from benchmark.running.grid import Grid
from benchmark.running.stopping import interruptible

_AGENTS = (
    "Names, variants such as mage.k1, or path/to/file.py:ClassName, with commas between; all: "
    "every registered agent"
)
# What every library takes for a seed, and more than anybody can wait for.
_LARGEST_SEED, _MOST_SEEDS = 2**31 - 1, 1_000
MOST_STEPS = 10**9  # Weeks of the smallest network.
AgentsOption = Annotated[str, typer.Option(help=f"{_AGENTS}.")]
AgentsOfSuiteOption = Annotated[str | None, typer.Option(help=f"{_AGENTS} [default: the suite's].")]
SuiteOption = Annotated[str | None, typer.Option(help="Suite of tasks, such as maze2d or all.")]
TasksOption = Annotated[str, typer.Option(help="Task names or globs, or path/to/tasks.py:GLOB.")]
SeedsOption = Annotated[str, typer.Option(help="3 for seeds 0, 1, 2; 4,7 or seed-4 for these.")]
PresetOption = Annotated[str, typer.Option(help="smoke, quick, standard or paper.")]
StepsOption = Annotated[int | None, typer.Option(help="Gradient steps, in place of the preset's.")]
DataOption = Annotated[
    str, typer.Option(help="auto; minari: published data only; local: collected here only.")
]
DatasetOption = Annotated[
    list[str] | None,
    typer.Option(help="TASK=ID: the dataset of Minari's folder for a task or a glob; repeatable."),
]
OutOption = Annotated[
    str | None, typer.Option(help="Output folder, or a URL [default: in results/].")
]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Run what is missing in --out.")]
TempOption = Annotated[
    Path | None, typer.Option(help="Folder for temporary files [default: TMPDIR, or the system's].")
]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")]
WithPublishedOption = Annotated[
    bool, typer.Option("--with-published", help="Show published numbers beside the measured ones.")
]
ReferenceOption = Annotated[
    str | None, typer.Option(help="Agent that all others are set against [default: mage].")
]


def new_app(text: str | None = None) -> typer.Typer:
    """An application for commands; each one answers errors with `one_message`.

    Args:
        text: help of the whole, where it has several commands.
    """
    return typer.Typer(
        cls=CommandGroup,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        no_args_is_help=text is not None,
        help=text,
    )


@contextlib.contextmanager
def one_message(when_stopped: str, *, urls: bool = False) -> Iterator[None]:
    """Answers what the user can put right with one message and exit code 2.

    A request to end by a signal is answered as Ctrl-C, and output that nobody reads ends nothing.

    Args:
        when_stopped: what to say after Ctrl-C.
        urls: whether an argument may be one.
    """
    forgive_output()
    try:
        with interruptible():
            check_arguments(urls)
            check_packages()
            yield
    except (UserError, DatasetError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        if (way_out := disk_trouble(error)) is None:
            raise
        typer.echo(f"error: {one_line(error)}; {way_out}", err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        typer.echo(f"\nstopped; {when_stopped}", err=True)
        raise typer.Exit(130) from None


def output_location(out: str | None, default: Path) -> str:
    """Where output goes: what the user says, or a default.

    Raises:
        UserError: if the user says nothing in so many words, or a URL that is none.
    """
    if out is not None and not out.strip():
        raise UserError(f"--out {out!r} is no place; valid: a folder; leave it out for {default}")
    if out and (re.match(rf"{PROTOCOL}:(?!//)", out) or out.startswith("://")):
        raise UserError(
            f"--out {out} is neither a folder nor a URL, which is PROTOCOL://PLACE, such as "
            "s3://bucket/folder"
        )
    if out and re.fullmatch(r"(file|local)://", out):
        raise UserError(f"--out {out} names no folder; valid: {out}/full/path/of/it")
    return out or str(default)


def parse_list(text: str) -> list[str]:
    """The parts of a comma list, each once."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def parse_seeds(text: str) -> list[int]:
    """Turns `3` into seeds 0, 1, 2 and `4,7` into exactly these; `seed-4` and `4,` are 4 alone.

    Raises:
        UserError: for anything else, such as a negative seed.
    """
    parts = [part.removeprefix("seed-") for part in parse_list(text)]
    for part in parts:
        if re.fullmatch(r"-\s*\d+", part):
            raise UserError(
                f"negative seed {part} in --seeds {text!r}; valid: seeds of 0 or more, as a number "
                "of seeds (--seeds 3) or a list (--seeds 4,7)"
            )
    if (
        not parts
        or not all(re.fullmatch(r"\d+", part, re.ASCII) for part in parts)
        or not text.strip(" 0")
    ):
        raise UserError(
            f"--seeds {text!r} is no number of seeds; valid: a number of 1 or more (--seeds 3 runs "
            "seeds 0, 1, 2), a list (--seeds 4,7), or one (--seeds seed-4)"
        )
    is_list = "," in text or "seed-" in text  # As the record of a run is called.
    largest = _LARGEST_SEED if is_list else _MOST_SEEDS
    for part in parts:
        if len(part.lstrip("0")) > len(str(largest)) or int(part) > largest:
            what = "seeds" if is_list else "a number of seeds"
            raise UserError(
                f"--seeds {text!r}: {part[:40]} is too large; valid: {what} of up to {largest}"
            )
    seeds = [int(part) for part in parts]
    return list(dict.fromkeys(seeds)) if is_list else list(range(seeds[0]))


def parse_agents(text: str) -> list[AgentChoice]:
    """Turns a comma list of names and `path/to/file.py:ClassName` into agents.

    `all` stands for every registered agent, those of installed packages among them if they can be
    used; an agent that is named beside it counts once.

    Raises:
        UserError: for an unknown one, for none at all, or for two that share a name.
    """
    return select_agents(text, lambda line: typer.echo(line, err=True))


def check_data(data: str) -> None:
    """Refuses an unknown source of data.

    Raises:
        UserError: for it.
    """
    if data not in DATA_CHOICES:
        raise unknown_name("value of --data", data, DATA_CHOICES)


def with_datasets(grid: Grid, texts: list[str] | None) -> Grid:
    """The grid with the datasets of `--dataset` and of its file of settings.

    Raises:
        UserError: for a text, a task or a dataset that cannot be used.
    """
    in_file = grid.settings_file.datasets
    datasets = choose_datasets(grid.tasks, texts or [], in_file, evaluated=grid.evaluated)
    return replace(grid, datasets=datasets)


def check_options(grid: Grid, device: str) -> None:
    """Refuses option values that no machine could follow.

    Raises:
        UserError: for the first such value.
    """
    find_preset(grid.preset)
    check_data(grid.data)
    check_device(device)
    for option, value in (("--steps", grid.steps), ("--episodes", grid.episodes)):
        if value is not None and value < 1:
            raise UserError(
                f"{option} {value} is too few; valid: 1 or more; leave it out for the default"
            )
    if (grid.steps or 0) > MOST_STEPS:
        raise UserError(
            f"--steps {grid.steps} is too many; valid: 1 to {MOST_STEPS}; leave it out for the "
            "preset's"
        )
    if (grid.episodes or 0) > MOST_EPISODES:
        raise UserError(
            f"--episodes {grid.episodes} is too many; valid: up to {MOST_EPISODES}, since the "
            "environment seeds after them belong to the next training seed; to play more, ask for "
            "more training seeds (--seeds)"
        )
    if grid.max_minutes is not None and not 0 < grid.max_minutes < math.inf:
        raise UserError(
            f"--max-minutes {grid.max_minutes:g} is no time; valid: a number above 0; leave it "
            "out for no limit"
        )
