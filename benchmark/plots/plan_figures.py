"""A plan as it grows, scale by scale, with what then happened: `python -m mage.show RUN`.

For a maze: where the plan leads, over the walls. For a robot: the two joints that move most. RUN is
the folder that a completed run leaves behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import matplotlib as mpl
import numpy as np
import typer
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmark.agents.saved import load_agent, trained_task
from benchmark.cli.options import one_message
from benchmark.errors import UserError
from benchmark.plots import STYLE, figure_bytes
from benchmark.plots.dataset_figures import draw_walls
from benchmark.records.files import write_atomically
from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import make_environment
from mage.agent import MAGEAgent

_PLAN, _PATH = "#d55e00", "#0173b2"  # Told apart by colour-blind readers.
_PANEL = 1.9  # Inches.
_COLUMNS = 4
_JOINTS = 2
# To find a joint in the observations: steps compared, and by how much they may be off (the kitchen
# adds up to 0.001 rad).
_COMPARED = 10
_NOISE = 0.005

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@dataclass(frozen=True)
class Shown:
    """One plan and what came of it.

    Attributes:
        task: where.
        scales: tokens of each of the K scales.
        steps: (P,) environment steps from now at which the plan looks.
        plan: (K, P, O) observations, after each scale.
        path: (T, O) observations from there to the end of the episode, planned anew at every step.
    """

    task: Task
    scales: tuple[int, ...]
    steps: NDArray[np.int64]
    plan: NDArray[np.float32]
    path: NDArray[np.float32]


@app.command()
def main(
    run: Annotated[Path, typer.Argument(help="Folder of a trained agent, such as .../seed-0.")],
    out: Annotated[
        Path | None, typer.Option(help="Picture, png or pdf [default: RUN/plan.png].")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the episode.", min=0)] = 0,
    after: Annotated[int, typer.Option(help="Steps played before the plan is made.", min=0)] = 0,
) -> None:
    """Draw one plan of a trained MAGE scale by scale, and the path that was taken."""
    with one_message("nothing was written"):
        out = out or run / "plan.png"
        if out.suffix not in (".png", ".pdf"):
            raise UserError(f"--out {out} is no picture; valid: a name that ends in .png or .pdf")
        agent = load_agent(run)
        if not isinstance(agent, MAGEAgent):
            raise UserError(f"{run} holds no MAGE, whose plans these pictures are of")
        task = TASKS[trained_task(run)]
        write_atomically(out, figure_bytes(figure(watch(agent, task, seed, after)), out.suffix[1:]))
        typer.echo(str(out))


def watch(agent: MAGEAgent, task: Task, seed: int, after: int = 0) -> Shown:
    """Plays an episode, and keeps the plan made at one of its steps.

    Args:
        agent: trained.
        task: that it was trained for.
        seed: of the episode.
        after: steps before the plan is made.

    Raises:
        UserError: if the episode ends before, or if the agent's plans hold no observations.
    """
    if "observation" not in agent.config.sequence:
        raise UserError(
            f"the plans of this agent hold {', '.join(agent.config.sequence)}; a picture needs the "
            "observation among them"
        )
    config, env = agent.config, make_environment(task)
    steps = np.arange(config.pairs) * config.stride
    agent.reset(1)
    observation, _ = env.reset(seed=seed)
    path, plan, reward, over = [observation], None, 0.0, False
    while not over:
        rewards = np.array([reward], np.float32)
        if plan is None and len(path) > after:
            path, plan = [observation], agent.sketch(observation[None], rewards)[:, 0]
        action = agent.act(observation[None], rewards)[0]
        observation, received, ended, cut, _ = env.step(action)
        reward, over = float(received), bool(ended or cut)
        path.append(observation)
    env.close()
    if plan is None:
        raise UserError(f"the episode of seed {seed} ended before step {after}; plan earlier")
    return Shown(task, config.scales, steps, plan, np.array(path))


def figure(shown: Shown) -> Figure:
    """The picture: a panel for each scale in a maze, one for each joint elsewhere."""
    with mpl.rc_context(STYLE):
        if shown.task.position_columns:
            return _maze_figure(shown)
        return _joint_figure(shown)


def _maze_figure(shown: Shown) -> Figure:
    count = len(shown.scales)
    rows, columns = -(-count // _COLUMNS), min(count, _COLUMNS)
    cells = np.array(shown.task.env_kwargs["maze_map"]).shape
    height = _PANEL * cells[0] / cells[1] + 0.25  # With the title.
    made = Figure((_PANEL * columns, height * rows + 0.35), layout="constrained")
    panels = made.subplots(rows, columns, squeeze=False).flatten()
    for panel in panels[count:]:
        panel.set_axis_off()
    for scale, panel in enumerate(panels[:count]):
        draw_walls(shown.task, panel)
        x, y = (shown.plan[scale][:, column] for column in shown.task.position_columns)
        panel.plot(x, y, "o-", color=_PLAN, markersize=2.5, linewidth=1, label="plan")
        x, y = (shown.path[:, column] for column in shown.task.position_columns)
        panel.plot(x, y, color=_PATH, linewidth=1.2, label="path taken")
        panel.plot(x[0], y[0], "o", color=_PATH, markersize=4)
        _mark_own_goal(shown, panel)
        panel.set(title=_title(shown, scale), xticks=[], yticks=[])
    _legend(made, panels[0])
    return made


def _mark_own_goal(shown: Shown, panel: Axes) -> None:
    """A cross where this episode's goal is, if the observation tells."""
    if shown.task.goal_columns:
        x, y = (shown.path[0, column] for column in shown.task.goal_columns)
        panel.plot(x, y, "x", color="black", markersize=5, label="goal")


def _joint_figure(shown: Shown) -> Figure:
    names, path = joint_names(shown.task), shown.path[: shown.steps[-1] + 1]
    moves = np.array([np.ptp(path[:, column]) for column in names])
    chosen = [list(names)[place] for place in np.argsort(-moves)[:_JOINTS]]
    made = Figure((2 * _PANEL * len(chosen), 2 * _PANEL), layout="constrained")
    panels = made.subplots(1, len(chosen), squeeze=False)[0]
    shades = mpl.colormaps["Oranges"](np.linspace(0.35, 0.9, len(shown.scales)))
    for column, panel in zip(chosen, panels, strict=True):
        for scale, shade in enumerate(shades):
            label = f"plan, {_title(shown, scale)}"
            panel.plot(shown.steps, shown.plan[scale][:, column], color=shade, label=label)
        panel.plot(path[:, column], color=_PATH, linewidth=1.8, label="path taken")
        panel.set(title=f"joint {names[column]}", xlabel="environment steps from now")
    panels[0].set_ylabel("position (rad; m where a joint slides)")
    _legend(made, panels[0])
    return made


def joint_names(task: Task) -> dict[int, str]:
    """The columns of the observation that are positions of joints, and the joints' names.

    Found by comparing observations, which may be noisy, with the simulator's own state. A joint at
    rest beside others like it is left out.
    """
    env = make_environment(task)
    simulator: Any = env.unwrapped
    env.reset(seed=0)
    env.action_space.seed(0)
    observations, angles = [], []
    for _ in range(_COMPARED):
        observations.append(env.step(env.action_space.sample())[0])
        angles.append(simulator.data.qpos[simulator.model.jnt_qposadr].copy())
    apart_TOJ = np.abs(np.array(observations)[:, :, None] - np.array(angles)[:, None])
    found = {}
    for joint, apart_O in enumerate(apart_TOJ.max(0).T):
        nearest, second = np.argsort(apart_O)[:2]
        if apart_O[nearest] < min(_NOISE, 0.1 * apart_O[second]):
            found[int(nearest)] = simulator.model.joint(joint).name
    env.close()
    return found


def _title(shown: Shown, scale: int) -> str:
    tokens = shown.scales[scale]
    return f"scale {scale + 1}: {tokens} token{'s' * (tokens > 1)}"


def _legend(made: Figure, panel: Axes) -> None:
    handles, labels = panel.get_legend_handles_labels()
    made.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)


if __name__ == "__main__":
    app()
