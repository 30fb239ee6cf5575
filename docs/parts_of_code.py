"""Parts of the pages that are made from tables of the code: agents, presets, tasks, variants."""

from __future__ import annotations

from benchmark.agents.ablation import ROWS
from benchmark.agents.builtin import BUILTIN, TIMED_VARIANTS
from benchmark.agents.settings import PRESETS
from benchmark.agents.training_costs import (
    BUDGETED_PRESET,
    LONGER_SECONDS,
    TARGET_SECONDS,
    read_calibration,
)
from benchmark.cli.app import COMMANDS
from benchmark.data.recipes import RECIPES
from benchmark.data.recipes.ogbench_recipe import OGBenchRecipe
from benchmark.tasks import TASKS
from benchmark.tasks.suites import SUITES
from docs.markdown import code, table
from docs.parts_of_measurements import measured
from mage.variants import VARIANTS

_GROUPS = {
    "comparison": "the default comparison",
    "sequence": "more agents that generate sequences",
    "value": "more agents that learn values",
    "goal": "agents that learn to reach any goal, on tasks that show one: Multi2D, OGBench's mazes",
    "reference": "reference policies, without gradient steps",
}
_COSTS = {
    "smoke": "seconds",
    "quick": f"{TARGET_SECONDS / 60:.0f} minutes of training on one core, then the evaluation",
    "standard": f"{LONGER_SECONDS['standard'] / 60:.0f} minutes of training on one core, likewise",
    "paper": "hours on a GPU",
}
_BENCHMARKS = tuple(dict.fromkeys(task.benchmark for task in TASKS.values()))


def commands() -> str:
    """Every subcommand of `mage-bench`."""
    rows = [[code(name), words] for name, (_, words) in COMMANDS.items()]
    return table(["subcommand", "what it does"], rows)


def agents() -> str:
    """Every built-in agent, by group."""
    rows = [
        [
            words,
            ", ".join(f"`{a.name}` ({a.label})" for a in BUILTIN.values() if a.group == group),
        ]
        for group, words in _GROUPS.items()
    ]
    return table(["group", "agents"], rows)


def presets() -> str:
    """What a run of each preset costs and what its scores may be used for."""
    rows = [
        [code(name), preset.episodes, _COSTS[name], preset.purpose]
        for name, preset in PRESETS.items()
    ]
    return table(["preset", "evaluation episodes", "cost of one run", "use"], rows)


def tasks() -> str:
    """The tasks of every benchmark, the length of their episodes, and whether a recipe exists."""
    rows = []
    for benchmark in _BENCHMARKS:
        of_it = [TASKS[name] for name in SUITES[benchmark]]
        lengths = dict.fromkeys(task.max_steps for task in of_it)
        scripted = sum(task.recipe is not None for task in of_it)
        recipe = {0: "no", len(of_it): "yes"}.get(scripted, f"of {scripted} tasks")
        names = code(*(task.name for task in of_it))
        rows.append([code(benchmark), names, ", ".join(map(str, lengths)), recipe])
    return table(["benchmark", "tasks", "steps of an episode", "recipe"], rows)


def recipes() -> str:
    """What can be collected on any machine, and how well its controller does."""
    about = {row["dataset"]: row for row in measured("datasets")}
    scripted = [one for one in RECIPES.values() if not isinstance(one, OGBenchRecipe)]
    for recipe in scripted:
        if recipe.id not in about:
            raise SystemExit(
                f"docs/measured/datasets.csv has no row of {recipe.id}: add what it is, and how "
                "often its controller succeeds"
            )
    rows = [
        [
            *(code(recipe.id), code(recipe.task), recipe.episodes),
            *(about[recipe.id]["what it is"], about[recipe.id]["success"] or "-"),
        ]
        for recipe in scripted
    ]
    header = ["dataset", "recorded in", "episodes", "what it is", "success of the controller"]
    return table(header, rows)


def ogbench_recipes() -> str:
    """What of OGBench can be collected on any machine, at the published size and smaller."""
    ours = [recipe for recipe in RECIPES.values() if isinstance(recipe, OGBenchRecipe)]
    rows = []
    for name in dict.fromkeys(recipe.name for recipe in ours):
        whole, small = sorted((one for one in ours if one.name == name), key=lambda r: -r.episodes)
        rows.append([code(whole.id), f"{whole.episodes:,}", f"{whole.steps:,}", small.episodes])
    header = ["dataset", "episodes", "steps of each", "episodes of the smaller one"]
    return table(header, rows)


def variants() -> str:
    """What each variant of MAGE changes."""
    dimensions = {row.agent: row.dimension for row in ROWS}
    rows = [
        [
            code(f"mage.{name}"),
            dimensions.get(f"mage.{name}", "yardstick"),
            code(*(f"{setting}={value!r}" for setting, value in settings.items())),
        ]
        for name, settings in VARIANTS.items()
    ]
    return table(["variant", "what is varied", "settings"], rows)


def budget() -> str:
    """The gradient steps of `quick`, from the calibration."""
    read = {name: read_calibration(BUDGETED_PRESET, name) for name in _BENCHMARKS}
    by_benchmark = {name: calibration for name, calibration in read.items() if calibration}
    rows = []
    for agent in (*BUILTIN, *TIMED_VARIANTS):
        cells = []
        for calibration in by_benchmark.values():
            costs = [cost for cost in calibration.agents if cost.agent == agent]
            steps = sorted({cost.steps for cost in costs})
            ends = steps if len(steps) == 1 else [*steps[:1], *steps[-1:]]
            cells.append(" to ".join(f"{end:,}" for end in ends))
        if any(cells):
            rows.append([code(agent), *cells])
    processors = {str(c.measured["processor"]) for c in by_benchmark.values()}
    return (
        f"Gradient steps of `quick`, calibrated on {', '.join(sorted(processors))}:\n\n"
        f"{table(['agent', *map(code, by_benchmark)], rows)}"
    )


PARTS = {
    "commands": commands,
    "agents": agents,
    "presets": presets,
    "tasks": tasks,
    "recipes": recipes,
    "ogbench-recipes": ogbench_recipes,
    "variants": variants,
    "budget": budget,
}
