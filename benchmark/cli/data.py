"""The command line for data: `python -m benchmark.datasets list | fetch | collect | ...`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from tabulate import tabulate

from benchmark.cli.options import (
    DataOption,
    DatasetOption,
    SuiteOption,
    check_data,
    new_app,
    one_message,
)
from benchmark.data import LoadedDataset, dataset_state, load, prepare, stored_id
from benchmark.data.choice import choose_datasets
from benchmark.data.describe import figures_text, labelled, summarise, summary_text
from benchmark.data.minari_folder import folder_of, minari_root
from benchmark.data.ogbench_download import NAMESPACE
from benchmark.data.own_dataset import fetch_absent
from benchmark.data.recorded_figures import figures_of_stored, reference_figures
from benchmark.data.recorded_spaces import info_of
from benchmark.data.stored import about_stored, read_metadata
from benchmark.errors import BadDatasetError, DatasetError, UserError
from benchmark.records.disk import check_writable
from benchmark.records.files import write_atomically
from benchmark.tasks import Task
from benchmark.tasks.published_sets import data_words
from benchmark.tasks.suites import select_tasks

_COMMAND = "python -m benchmark.datasets"
_GOES_ON = "the same command goes on with what is missing"

app = new_app("Look at, download, collect, check and describe the data of tasks.")

Names = Annotated[
    list[str] | None, typer.Argument(help="Task names or globs, or path/to/tasks.py:GLOB.")
]


@app.command("list")
def list_(tasks: Names = None, suite: SuiteOption = None) -> None:
    """Print what data is there and what is not; changes nothing."""
    with one_message(_GOES_ON):
        rows = [row for task in _chosen(tasks, suite, default="all") for row in _rows(task)]
    header = ["task", "published dataset", "local recipe", "state", "MB"]
    typer.echo(f"{tabulate(rows, header, tablefmt='simple', floatfmt='.1f')}\n\nin {minari_root()}")


@app.command()
def fetch(tasks: Names = None, suite: SuiteOption = None) -> None:
    """Download the published data of tasks, and check it."""
    with one_message(_GOES_ON):
        fetch_absent(tasks or [], "minari", partial(typer.echo, err=True))
    _get(tasks, suite, lambda task: "minari" if task.source is None else "auto")


@app.command()
def collect(
    tasks: Names = None,
    suite: SuiteOption = None,
    small: Annotated[
        bool,
        typer.Option(
            "--small", help="The smaller dataset, where a task has one for quick presets."
        ),
    ] = False,
) -> None:
    """Collect the data of tasks on this machine, and check it."""
    _get(tasks, suite, partial(_recipe, small=small))


@app.command()
def check(
    tasks: Names = None,
    suite: SuiteOption = None,
    data: DataOption = "auto",
    dataset: DatasetOption = None,
) -> None:
    """Check the data that is there; exits with 2 if any is bad."""
    with one_message(_GOES_ON):
        check_data(data)
        chosen = _chosen(tasks, suite, default="all")
        own = choose_datasets(chosen, dataset or [], {})
        small = {task.name for task in chosen if task.name not in own and _has_small(task)}
        whole = [one for one in chosen if one.name not in small or stored_id(one, data) is not None]
        code = max(
            _go_through(whole, lambda task: _ok(task, _load(task, own.get(task.name, data)))),
            _go_through(
                [task for task in chosen if task.name in small],
                lambda task: _ok(task, _load(task, str(task.small_recipe))),
            ),
        )
    # That data is not there is no fault of the data's.
    raise typer.Exit(code if code == 2 else 0)


@app.command()
def describe(
    tasks: Names = None,
    suite: SuiteOption = None,
    data: DataOption = "auto",
    dataset: DatasetOption = None,
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("results/datasets"),
) -> None:
    """Print statistics of the data of tasks, and draw it."""
    with one_message(_GOES_ON):
        check_data(data)
        chosen = _chosen(tasks, suite)
        own = choose_datasets(chosen, dataset or [], {})
        check_writable(out)
        code = _go_through(
            chosen,
            lambda task: _description(task, own.get(task.name, _what_is_there(task, data)), out),
        )
    raise typer.Exit(code)


def _chosen(names: list[str] | None, suite: str | None, default: str | None = None) -> list[Task]:
    """The tasks named, or those of a suite.

    Args:
        names: task names or globs.
        suite: name of a suite.
        default: suite to take where neither is given.

    Raises:
        UserError: for an unknown name, or if none is given and there is no default.
    """
    if not names and suite is None and default is None:
        raise UserError(
            "no tasks named; name some (maze2d-umaze 'adroit-*') or a suite (--suite maze2d); "
            f"`{_COMMAND} list` prints every task"
        )
    return select_tasks(suite if names or suite is not None else default, names or [])


def _has_small(task: Task) -> bool:
    return task.small_recipe is not None and stored_id(task, task.small_recipe) is not None


def _what_is_there(task: Task, data: str) -> str:
    """The data asked for, or the id of the smaller dataset where only that is there."""
    if stored_id(task, data) is None and data != "minari" and _has_small(task):
        return str(task.small_recipe)
    return data


def _rows(task: Task) -> list[list[object]]:
    """A task's dataset, and the smaller one, if it has that."""
    rows = [_row(task)]
    if task.small_recipe is not None:
        state = dataset_state(task, task.small_recipe).state
        there = state == "cached"
        size = _megabytes(task.small_recipe) if there else None
        words = "cached (local)" if there else state
        rows.append([f"{task.name} (small)", "-", task.small_recipe, words, size])
    return rows


def _megabytes(dataset_id: str) -> float:
    files = folder_of(dataset_id).rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def _row(task: Task) -> list[object]:
    state, dataset_id = dataset_state(task, "auto"), stored_id(task, "auto")
    cells: list[object] = [task.name, task.dataset, task.recipe or "-"]
    if dataset_id is None:
        return [*cells, state.state, None]
    words = f"{state.state}, or else {dataset_id}"  # A re-creation.
    if state.state == "cached":
        words = (
            "cached (local)"
            if dataset_id == task.recipe
            else f"cached{_kind_text(task, dataset_id)}"
        )
    return [*cells, words, _megabytes(dataset_id)]


def _kind_text(task: Task, dataset_id: str) -> str:
    try:
        kind = about_stored(task, dataset_id, read_metadata(dataset_id))["kind"]
    except Exception:  # Files of others; `check` says what is wrong.
        kind = "unreadable"
    return "" if kind == "published" else f" ({kind})"


def _recipe(task: Task, small: bool) -> str:
    """The id of what is collected for a task."""
    if small and task.small_recipe is not None:
        return task.small_recipe
    if task.recipe is None:
        raise DatasetError(
            f"{task.name} has no local recipe",
            f"download the published data: {_COMMAND} fetch {task.asked_as}",
        )
    return task.recipe


def _get(names: list[str] | None, suite: str | None, data_of: Callable[[Task], str]) -> None:
    """Downloads or collects; a dataset that cannot be had is not asked for again."""
    missing: dict[str, DatasetError] = {}

    def get(task: Task) -> str:
        data = data_of(task)
        state = dataset_state(task, data)
        if state.id in missing:
            raise missing[state.id]
        try:
            progress = partial(typer.echo, err=True)
            return _ok(task, prepare(task, info_of(task), data, progress))
        except BadDatasetError:  # For this task; another may be able to use it.
            raise
        except DatasetError as error:
            missing[state.id] = error
            raise

    with one_message(_GOES_ON):
        code = _go_through(_chosen(names, suite), get)
    raise typer.Exit(code)


def _load(task: Task, data: str) -> LoadedDataset:
    """Like `load`, but with a remedy in this command's words."""
    if stored_id(task, data) is not None:
        return load(task, info_of(task), data)
    state = dataset_state(task, data)
    if state.state == "missing":
        raise DatasetError(f"{task.name} has no local recipe", "use --data auto or minari")
    verbs = ["fetch"] * (data != "local") + ["collect"] * (data != "minari" and bool(task.recipe))
    ways = ", or ".join(f"{_COMMAND} {verb} {task.asked_as}" for verb in verbs)
    raise DatasetError(f"{state.id} is not there", f"get it: {ways}")


def _go_through(tasks: Iterable[Task], visit: Callable[[Task], str]) -> int:
    """Prints what `visit` returns for each task, or why it could not.

    Returns:
        The exit code: 2 if any data is bad, else 1 if any could not be had, else 0.
    """
    code = 0
    for task in tasks:
        try:
            typer.echo(visit(task))
        except BadDatasetError as error:
            typer.echo(_line("bad", task, str(error)))
            code = 2
        except DatasetError as error:
            typer.echo(_line("not there", task, str(error)))
            code = max(code, 1)
    return code


def _ok(task: Task, loaded: LoadedDataset) -> str:
    about = loaded.metadata
    return _line(
        "ok",
        task,
        f"{about['id']}  {about['episodes']:,} episodes, {about['steps']:,} steps, "
        f"hash {about['hash']}; {data_words(about, task.published_id)}",
    )


def _line(word: str, task: Task, rest: str) -> str:
    return f"{word:<10} {task.name:<22} {rest}"


def _description(task: Task, data: str, out: Path) -> str:
    # Keep matplotlib out of --help.
    from benchmark.plots import figure_bytes
    from benchmark.plots.dataset_figures import data_figure

    loaded = _load(task, data)
    scored = task.scored_by(loaded.metadata.get("reference_scores"))
    text = summary_text(summarise(loaded.dataset, scored), scored, loaded.metadata)
    space, _, name = task.dataset.partition("/")
    if space == NAMESPACE:  # One that was recorded by a script which is known.
        figures = figures_of_stored(loaded.metadata["id"])
        # Of one episode there is no error of a mean, by which two recordings are compared.
        reference = reference_figures(name) if figures.episodes > 1 else None
        text += f"\n{figures_text(figures, reference)}"
    out.mkdir(parents=True, exist_ok=True)
    picture = out / f"{task.name}.png"
    write_atomically(picture, figure_bytes(data_figure(loaded.dataset, task), "png"))
    return f"{text}\n{labelled('picture', str(picture))}\n"
