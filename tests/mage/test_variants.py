"""Each variant differs from MAGE in what its name says, and in nothing else."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

from benchmark.agents.ablation import OFFERED_AGENTS
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import resolve_settings
from benchmark.interface import Dataset, TaskInfo, build_config
from benchmark.tasks import TASKS
from mage.agent import MAGEAgent
from mage.config import MAGEConfig
from mage.returns.episode_cuts import cut_episodes
from mage.variants import VARIANTS
from tests.mage.conftest import TINY

ONE_TASK_OF_EACH = {task.benchmark: name for name, task in TASKS.items()}
WITH_ACTIONS = ("return", "observation", "action")
# What the paper's table of ablations varies (arXiv 2602.23770), and below the project's own.
DIFFERENCES: dict[str, dict[str, object]] = {
    "mlp": {
        **{"inverse_from": "condition", "replan_every": 1, "candidates": 1},
        "shares": (0.15, 0.0, 0.85),
    },
    "paper": {
        # A fixed return, counted down by what is received, and no return model.
        **{"return_asked": "target", "discount": 1.0, "persistence": 0.0, "best_of": 1},
        **{"log_returns": False, "condition_on_advantage": False, "bootstrap_steps": 0},
        # No guidance, tokens drawn as they are likely at every step, windows as they are.
        **{"condition_dropout": 0.0, "guidance": 1.0, "temperature": 1.0, "replan_every": 1},
        **{"relative": False, "start_noise": 0.0, "candidates": 1},
        # The condition as it is.
        **{"place_features": 0, "condition_width": 0, "condition_layers": 1},
        # Actions from the latent alone, learned in stage 2, by all losses, and from sampled plans.
        **{"inverse_weight": 1.0, "condition_weight": 1.0, "gumbel": True},
        **{"inverse_observation": False, "inverse_on_recorded": False},
        **{
            "inverse_dropout": 0.0,
            "inverse_noise": 0.0,
            "shares": (0.0, 0.2, 0.0),
        },
    },
    "k1": {"scales": (16,)},
    "k2": {"scales": (1, 16)},
    "k3": {"scales": (1, 4, 16)},
    "k6": {"scales": (1, 2, 4, 6, 10, 16)},
    "k8": {"scales": (1, 2, 3, 4, 6, 8, 12, 16)},
    "k12": {"scales": (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16)},
    "states": {"sequence": ("observation",)},
    "returns-states-actions": {"sequence": WITH_ACTIONS},
    "actions": {"sequence": ("action",), "start_noise": 0.0},
    "no-decoder-return": {"adapter_return": False},
    "no-finer-return": {"return_at_finer_scales": False},
    "no-condition-loss": {"condition_weight": 0.0},
    "no-adapter-condition-loss": {"adapter": False},
    "decoded-actions": {
        **{"sequence": WITH_ACTIONS, "inverse_from": "action", "shares": (0.15, 0.2, 0.0)},
        "replan_every": 1,
    },
    "latent-alone": {"inverse_observation": False, "replan_every": 1},
    "no-gumbel": {"gumbel": False},
    "no-advantage": {"condition_on_advantage": False},
    "guided": {"guidance": 1.5},
    "chosen": {"candidates": 16, "temperature": 1.0},
    "short-plans": {"pairs": 16, "stride": 4},
    "all-windows": {"best_of": 1},
    "absolute-windows": {"relative": False, "start_noise": 0.0},
}


def test_these_are_all() -> None:
    assert list(VARIANTS) == list(DIFFERENCES)
    assert MAGEAgent.variants is VARIANTS


def _config(agent: str, task: str, preset: str) -> dict[str, object]:
    settings = resolve_settings(AgentChoice(agent), TASKS[task], preset).values
    return asdict(build_config(MAGEConfig, settings))


@pytest.mark.parametrize("preset", ["smoke", "quick", "standard", "paper"])
@pytest.mark.parametrize("task", ONE_TASK_OF_EACH.values(), ids=ONE_TASK_OF_EACH)
def test_a_variant_changes_what_it_says_whatever_its_task_says(task: str, preset: str) -> None:
    whole = _config("mage", task, preset)
    for name, changes in DIFFERENCES.items():
        assert _config(f"mage.{name}", task, preset) == whole | changes


def test_the_papers_method_has_settings_of_a_task_for_nothing_but_lengths_and_what_it_leaves_out():
    # It asks by no return model, and has no stage of the inverse dynamics alone.
    left_out = {"expectile", "advantage_asked", "inverse_learning_rate"}
    set_by_tasks = {name for row in MAGEAgent.task_settings for name in row.values}
    lengths = {"pairs", "stride", "scales"}
    assert set_by_tasks - set(VARIANTS["paper"]) == lengths | left_out


def test_every_variant_is_another_agent() -> None:
    whole = _config("mage", "maze2d-large", "quick")
    for name, changes in DIFFERENCES.items():
        assert whole | changes != whole, name


@pytest.mark.parametrize("count", [1, 2, 3, 6, 8, 12])
def test_k_scales_all_end_at_sixteen_positions(count: int) -> None:
    scales = VARIANTS[f"k{count}"]["scales"]
    assert isinstance(scales, tuple)
    assert (len(scales), scales[-1]) == (count, 16)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_variant_trains_and_acts(name: str, tiny_task: TaskInfo, tiny_dataset: Dataset) -> None:
    agent = MAGEAgent(tiny_task, {**TINY, "pairs": 16, **VARIANTS[name]}, "cpu")
    steps: list[int] = []
    agent.fit(tiny_dataset, steps=8, seed=0, progress=lambda step, _: steps.append(step))
    assert steps == list(range(1, 9))
    agent.reset(2)
    for reward in (0.0, 1.0):
        seen = np.array(tiny_dataset.observations[:2])
        actions = agent.act(seen, np.full(2, reward, np.float32))
        assert actions.shape == (2, 2) and np.isfinite(actions).all()


def test_yardsticks_stand_beside_all_agents_and_ablations_in_a_table_of_their_own() -> None:
    listed = {name.removeprefix("mage.") for name in OFFERED_AGENTS} - {"mage"}
    assert set(VARIANTS) - listed == {"mlp", "paper"}
    assert listed <= set(VARIANTS)


def test_for_the_papers_target_what_comes_after_an_evaluation_does_not_count(
    tiny_task: TaskInfo, tiny_dataset: Dataset
) -> None:
    agent = MAGEAgent(replace(tiny_task, max_steps=2), {**TINY, **VARIANTS["paper"]}, "cpu")
    agent.fit(tiny_dataset, steps=4, seed=0, progress=lambda *_: None)
    returns = cut_episodes(tiny_dataset, 2).returns_to_go(1.0)
    mean = agent._planner.return_normaliser.mean
    assert mean.item() == pytest.approx(returns.mean())
    assert returns.mean() != pytest.approx(tiny_dataset.returns_to_go(1.0).mean())
