"""MAGE's own behaviour as an agent; what all agents share is in tests/test_agents.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import resolve_settings
from benchmark.interface import Dataset, TaskInfo
from benchmark.tasks import TASKS
from mage.agent import MAGEAgent
from mage.config import MAGEConfig
from mage.sampling import PlanSampler
from mage.stages import StagedTraining
from tests.mage.conftest import TINY, random_condition, untrained_agent

NOTHING = np.zeros(3, np.float32)


def test_its_presets() -> None:
    assert MAGEAgent.makes_plans is True
    assert MAGEAgent.presets == {
        "smoke": {
            **{"steps": 20, "pairs": 16, "scales": (1, 2, 4), "codes": 16, "code_size": 4},
            **{"autoencoder_width": 16, "width": 16, "layers": 1, "heads": 2},
            **{"inverse_width": 16, "batch_size": 16},
        },
        "quick": {
            **{"codes": 128, "code_size": 16, "autoencoder_width": 64},
            **{"width": 96, "layers": 2, "heads": 4, "inverse_width": 256, "batch_size": 128},
            **{"learning_rate": 1e-3, "inverse_learning_rate": 3e-3},
        },
        "paper": {"steps": 400_000, "bf16": True},
    }


def test_what_tuning_tries() -> None:
    assert MAGEAgent.search_space == {
        "learning_rate": ("loguniform", 0.0001, 0.003),
        "advantage_asked": ("uniform", 0, 2),
        "persistence": ("uniform", 0, 1),
        "guidance": ("uniform", 0, 3),
        "temperature": ("uniform", 0, 1),
        "best_of": ("choice", (1, 4, 8, 16)),
        "stride": ("choice", (1, 2, 4, 8, 12, 16, 24)),
    }


@pytest.mark.parametrize("preset", ["quick", "paper"])
def test_what_tuning_tries_holds_what_is_shipped(preset: str) -> None:
    for name, task in TASKS.items():
        shipped = vars(MAGEConfig()) | resolve_settings(AgentChoice("mage"), task, preset).values
        for setting, (kind, *values) in MAGEAgent.search_space.items():
            low, high = (min(values[0]), max(values[0])) if kind == "choice" else values
            assert low <= shipped[setting] <= high, (name, setting)
            assert kind != "choice" or shipped[setting] in values[0], (name, setting)


def test_actions_go_from_their_bounds_to_1_and_back_and_never_beyond(
    task: TaskInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = untrained_agent(task)
    recorded = torch.tensor([[-1.0, 2.0], [1.0, 0.75], [3.0, -0.5], [2.0, 0.125]])
    scaled = torch.tensor([[-1.0, 1.0], [0.0, 0.0], [1.0, -1.0], [0.5, -0.5]])
    assert torch.equal(agent._scale(recorded), scaled)
    for given, expected in ((scaled, recorded), (9 * scaled[[0, 2]], recorded[[0, 2]])):
        monkeypatch.setattr(agent._planner, "inverse_dynamics", lambda *_, given=given: given)
        seen = np.zeros((len(given), 4), np.float32)
        agent.reset(len(given))
        actions = agent.act(seen, np.zeros(len(given), np.float32))
        np.testing.assert_allclose(actions, expected)
        assert actions.dtype == np.float32


def test_it_is_trained_on_scaled_actions_and_discounted_returns(
    task: TaskInfo, tiny_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []

    def start(self: StagedTraining, *args: Any) -> None:
        given[:] = args
        self._taken = [args[-1]]  # All steps are taken.

    monkeypatch.setattr("mage.agent.StagedTraining.__init__", start)
    sequence = ("return", "observation", "action")
    for discount, factor in ((None, 0.5), (0.25, 0.25)):  # The task's, or one of its own.
        agent = MAGEAgent(task, {**TINY, "discount": discount, "sequence": sequence}, "cpu")
        agent.fit(tiny_dataset, steps=7, seed=0, progress=lambda step, losses: None)
        returns = tiny_dataset.returns_to_go(factor)
        fitted = agent._planner.return_normaliser
        assert fitted.mean.item() == pytest.approx(returns.mean(), rel=1e-4)
        assert fitted.deviation.item() == pytest.approx(returns.std(ddof=1), rel=1e-4)
    _, windows, steps = given
    actions = windows.actions_NA
    assert len(windows) == 120 and steps == 7
    first, second = tiny_dataset.actions.T
    np.testing.assert_allclose(actions[:, 0], (first + 1) / 2 - 1, atol=1e-6)  # From -1 to 3.
    np.testing.assert_allclose(actions[:, 1], (second + 0.5) / 1.25 - 1, atol=1e-6)
    assert torch.equal(windows._steps_ND[:, -2:], actions), "as plans hold them"


def test_a_state_is_asked_for_a_high_return(task: TaskInfo) -> None:
    agent = untrained_agent(task, advantage_asked=0.25)  # 1 and a quarter of the way to 3.
    condition = agent._condition(np.full((3, 4), 18, np.float32), NOTHING)
    assert torch.equal(condition.observation_BS, torch.full((3, 4), 2.0))  # (18 - 10) / 4.
    assert torch.equal(condition.return_B1, torch.full((3, 1), 1.5))
    assert torch.equal(condition.advantage_B1, torch.full((3, 1), 0.25))


def test_the_target_is_the_tasks_and_falls_by_the_rewards_of_the_episode(task: TaskInfo) -> None:
    for discount in (None, 1.0):  # Whatever the task's is.
        agent = untrained_agent(task, return_asked="target", discount=discount)
        agent.reset(2)
        seen = np.zeros((2, 4), np.float32)
        for reward, left in ((0, 8), (3, 5), (0, 5), (1.5, 3.5), (4, -0.5)):
            asked = agent._condition(seen, np.full(2, reward, np.float32)).return_B1
            assert asked.tolist() == [[(left - 1) / 2]] * 2
        agent.reset(1)
        assert agent._request.return_to_go_n1.tolist() == [[8.0]]


def test_where_a_target_is_asked_for_it_learns_from_undiscounted_returns(
    task: TaskInfo, tiny_dataset: Dataset
) -> None:
    rewards = np.zeros(120, np.float32)
    rewards[[0, 10, 29]] = 3, 1, 4  # An episode that brings 8, as the task's target is.
    made = replace(tiny_dataset, rewards=rewards)
    agent = MAGEAgent(task, {**TINY, "return_asked": "target"}, "cpu")
    agent.fit(made, steps=4, seed=0, progress=lambda step, losses: None)
    normaliser = agent._planner.return_normaliser
    assert normaliser.mean.item() == pytest.approx((8 + 10 * 5 + 19 * 4) / 120)
    # Along this episode, what is asked for is what the rest of it brings.
    agent.reset(1)
    asked = []
    for row in range(30):
        before = rewards[row - 1 : row] if row else np.zeros(1, np.float32)
        asked.append(agent._condition(np.zeros((1, 4), np.float32), before.copy()).return_B1)
    wanted = normaliser.inverse(torch.cat(asked)).flatten()
    np.testing.assert_allclose(wanted, made.returns_to_go(1.0)[:30], atol=1e-5)


def test_the_weights_that_act_are_the_latest(task: TaskInfo, tmp_path: Path) -> None:
    agent, other, seen = untrained_agent(task), untrained_agent(task), np.ones((3, 4), np.float32)
    with torch.no_grad():
        for weight in other._planner.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    before = agent.act(seen, NOTHING)
    other.save(tmp_path)
    agent.load(tmp_path)
    loaded = agent.act(seen, NOTHING)
    assert not np.array_equal(loaded, before)
    np.testing.assert_array_equal(loaded, other.act(seen, NOTHING))
    saved = load_file(tmp_path / "planner.safetensors")
    # Beside the weights: mean and deviation of 4 columns, of the return, and of 4 columns at each
    # of 8 steps; and the largest return.
    assert agent.parameter_count == sum(value.numel() for value in saved.values()) - 2 * 37 - 1


def test_weights_of_other_networks_are_refused_with_the_way_out(
    task: TaskInfo, tmp_path: Path
) -> None:
    agent = untrained_agent(task)
    agent.save(tmp_path)
    path = tmp_path / "planner.safetensors"
    # An earlier version told the transformer of a condition without the flag.
    weights = load_file(path)
    name = "transformer.embed_condition.0.weight"
    save_file({**weights, name: weights[name][:, :-1].contiguous()}, path)
    message = "does not hold the weights of this version of MAGE .*; train the agent again, or use"
    with pytest.raises(ValueError, match=message):
        agent.load(tmp_path)


def test_its_plans_look_at_the_steps_of_its_windows(task: TaskInfo) -> None:
    assert untrained_agent(task).plan_steps == (0, 2, 4, 6, 8, 10, 12, 14)
    assert untrained_agent(task, stride=5).plan_steps == (0, 5, 10, 15, 20, 25, 30, 35)


def test_in_training_too_the_latest_weights_act(task: TaskInfo, tiny_dataset: Dataset) -> None:
    agent = MAGEAgent(task, {**TINY, "shares": (0.1, 0.8, 0.05)}, "cpu")
    condition, seen = random_condition(3), []

    def progress(step: int, losses: Mapping[str, Any]) -> None:
        if step in (5, 6):  # What codes add to a plan changes from one to the other.
            samplers = agent._plan_sampler(), PlanSampler(agent._planner)
            plans = [list(sampler.sketches(condition, None)) for sampler in samplers]
            assert all(torch.equal(*both) for both in zip(*plans, strict=True))
            seen.append(plans[0][-1])

    agent.fit(tiny_dataset, steps=10, seed=0, progress=progress)
    assert not torch.equal(*seen)


def test_its_seed_alone_decides_and_others_keep_their_random_numbers(
    task: TaskInfo, tiny_dataset: Dataset
) -> None:
    def weights(seed: int) -> torch.Tensor:
        agent = MAGEAgent(task, TINY, "cpu")
        agent.fit(tiny_dataset, steps=4, seed=seed, progress=lambda step, losses: None)
        return torch.cat([weight.flatten() for weight in agent._planner.parameters()])

    torch.manual_seed(1)
    before, first = torch.get_rng_state(), weights(0)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert torch.equal(weights(0), first) and not torch.equal(weights(3), first)
    new = MAGEAgent(task, TINY, "cpu")._planner.inverse[0].weight
    torch.manual_seed(0)
    assert torch.equal(new, MAGEAgent(task, TINY, "cpu")._new_planner().inverse[0].weight)


def test_resumed_it_ends_as_if_never_stopped(task: TaskInfo, tiny_dataset: Dataset) -> None:
    whole, states = MAGEAgent(task, TINY, "cpu"), {}

    def keep(step: int, losses: Mapping[str, Any]) -> None:
        if step == 6:
            again.resume(whole.training_state())
            states.update(whole.training_state())

    again, steps = MAGEAgent(task, TINY, "cpu"), []
    whole.fit(tiny_dataset, steps=10, seed=0, progress=keep)
    assert set(states) == {"learner", "random"} and set(states["random"]) == {"cpu"}
    # What was told while training went on is a copy.
    for _ in range(2):
        again.fit(tiny_dataset, steps=10, seed=0, progress=lambda step, _: steps.append(step))
        for name, value in whole._planner.state_dict().items():
            assert torch.equal(value, again._planner.state_dict()[name]), name
    assert steps == [7, 8, 9, 10, *range(1, 11)], "the next training starts anew"


def test_other_data_is_refused(tiny_task: TaskInfo, tiny_dataset: Dataset) -> None:
    agent = MAGEAgent(replace(tiny_task, observation_size=7), TINY, "cpu")
    with pytest.raises(ValueError, match="observations have size 4, those of tiny have 7"):
        agent.fit(tiny_dataset, steps=1, seed=0, progress=lambda step, losses: None)
