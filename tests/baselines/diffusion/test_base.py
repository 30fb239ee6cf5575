from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
import safetensors.torch
import torch

from baselines.diffusion.base import DiffusionAgent
from tests.baselines.synthetic_planner import BOUNDS, Agent, act, executing, fitted, new_agent
from tests.baselines.synthetic_tasks import no_progress, numbered_steps


def test_weights_are_averaged_every_so_often_and_the_average_acts(tmp_path):
    # Adam moves by its rate where the slope stays: 0.9, 0.8, 0.7, 0.6, 0.5. The first average, of
    # step 2, is 0.8, the next, of step 4, 0.75 * 0.8 + 0.25 * 0.6 = 0.75.
    averages, raw = [], []

    def progress(step, metrics):
        averages.append(agent._networks["one"].weight.item())
        raw.append(agent.training_state()["learner"]["networks"]["one.weight"].item())

    agent = new_agent()
    agent.fit(numbered_steps(), steps=5, seed=0, progress=progress)
    assert raw == pytest.approx([0.9, 0.8, 0.7, 0.6, 0.5])
    assert averages == pytest.approx([1, 0.8, 0.8, 0.75, 0.75])
    agent.reset(1)
    assert act(agent, [[0, 0]]) == [[pytest.approx(0.75)]]
    agent.save(tmp_path)
    saved = safetensors.torch.load_file(tmp_path / "diffuser.safetensors")
    assert saved["networks.one.weight"].item() == pytest.approx(0.75)


def test_all_losses_are_descended_and_reported():
    reports = []
    agent = fitted(
        2,
        {"ema_every": 1, "ema_decay": 0.0},
        progress=lambda step, of: reports.append((step, {name: get() for name, get in of.items()})),
    )
    assert [step for step, _ in reports] == [1, 2]
    bias = agent._networks["two"].bias.item()
    assert agent._networks["two"].weight.tolist() == [pytest.approx([0.8, 0.8])]
    # Three times the weight 1, a tenth of two weights of 1 and of a bias that ends 0.2 lower.
    assert reports[0][1] == {
        "fall": pytest.approx(3),
        "other": pytest.approx(0.1 * (2 + bias + 0.2), abs=1e-6),
    }
    assert reports[1][1]["fall"] == pytest.approx(3 * 0.9)
    assert agent.parameter_count == 1 + 3


# Discounted by 0.5, from the end of each episode backwards; rewards are 0 to 3, 4 to 6, 7 and 8.
RETURNS = [1.375, 2.75, 3.5, 3, 8, 8, 6, 11, 8]


def rows_of(windows: torch.Tensor) -> list[list[int]]:
    return ((windows[:, :, 1] + 1) * 4).round().int().tolist()  # Observations are from 0 to 8.


@pytest.mark.parametrize(
    ("settings", "returns"),
    [
        ({}, RETURNS),
        ({"discount": 0.0}, list(range(9))),
        ({"discount": 1.0}, [6, 6, 5, 3, 15, 11, 6, 15, 8]),
    ],
)
def test_networks_learn_windows_with_the_discounted_return_of_their_first_row(settings, returns):
    agent = fitted(30, settings)
    for windows, values, _ in agent._diffusion.batches:
        assert windows.shape == (5, 6, 3)  # Two steps longer than a plan.
        assert values.tolist() == pytest.approx([returns[row[0]] for row in rows_of(windows)])


def test_networks_see_standardised_returns():
    agent = new_agent(Agent)
    np.testing.assert_allclose(
        agent._values(np.array([0, 2, 2, 4], np.float32)), [-(2**0.5), 0, 0, 2**0.5], rtol=1e-6
    )


def test_windows_have_the_stride_of_the_settings():
    agent = new_agent(settings={"stride": 2, "position_gain": 1.0}, position_columns=(0,))
    agent.fit(numbered_steps(), steps=20, seed=0, progress=no_progress)
    rows = {tuple(row[:3]) for windows, *_ in agent._diffusion.batches for row in rows_of(windows)}
    assert rows == {(0, 2, 3), (1, 3, 3), (2, 3, 3), (3, 3, 3), (4, 6, 6), (5, 6, 6), (7, 8, 8)}


def test_the_seed_says_which_windows_noise_and_first_weights_there_are():
    firsts = []
    for seed in (3, 3, 4):
        agent = fitted(1, seed=seed)
        (windows, _, noise), *_ = agent._diffusion.batches
        firsts.append((rows_of(windows), noise, agent._networks["two"].bias.item()))
    assert firsts[0] == firsts[1]
    assert all(mine != other for mine, other in zip(firsts[0], firsts[2], strict=True))
    assert firsts[0][1] == torch.rand((), generator=torch.Generator().manual_seed(3)).item()


def varied(steps: int, state: dict | None = None):
    """An agent trained on random slopes, and the steps that it has reported."""
    reports: list[int] = []
    agent = new_agent()
    agent._diffusion.varied = True
    if state is not None:
        agent.resume(state)
    agent.fit(numbered_steps(), steps=steps, seed=5, progress=lambda step, _: reports.append(step))
    return agent, reports


def test_training_goes_on_where_it_stopped():
    whole, _ = varied(7)
    state = varied(3)[0].training_state()
    kept = deepcopy(state)
    resumed, reports = varied(7, state)
    assert reports == [4, 5, 6, 7]
    for one, other in zip(resumed._diffusion.batches, whole._diffusion.batches[3:], strict=True):
        assert torch.equal(one[0], other[0]) and one[2] == other[2]
    ends = [agent.training_state()["learner"] for agent in (resumed, whole)]
    for name in ("networks", "averaged"):
        for key, value in ends[0][name].items():
            assert torch.equal(value, ends[1][name][key]), key
    assert ends[0]["windows"] == ends[1]["windows"] and ends[0]["step"] == 7
    before, after = (taken["learner"] for taken in (kept, state))
    assert torch.equal(before["networks"]["one.weight"], after["networks"]["one.weight"])
    moments = [learner["optimiser"]["state"][0]["exp_avg"] for learner in (before, after)]
    assert torch.equal(*moments)


def test_a_state_is_resumed_once():
    agent, _ = varied(7, varied(3)[0].training_state())
    agent.fit(numbered_steps(), steps=2, seed=0, progress=no_progress)
    assert agent.training_state()["learner"]["step"] == 2 and len(agent._diffusion.batches) == 4 + 2


def test_noise_of_another_type_of_device_is_not_taken_over():
    state = varied(3)[0].training_state()
    learner = state["learner"]
    learner["noise"] = {"cuda": learner["noise"]["cpu"]}
    agent, _ = varied(4, state)
    fresh, _ = varied(1)
    assert agent._diffusion.batches[0][2] == fresh._diffusion.batches[0][2]


def test_a_loaded_agent_is_the_saved_one(tmp_path):
    agent = fitted(3, seed=6)
    agent.save(tmp_path)
    loaded = new_agent()
    loaded.load(tmp_path)
    assert loaded._normaliser.low.tolist() == [0, 0, -8]
    assert loaded._normaliser.high.tolist() == [pytest.approx(0.8), 8, 0]
    for name, value in agent._networks.state_dict().items():
        assert torch.equal(value, loaded._networks.state_dict()[name])
    for planner in (agent, loaded):  # Noise of acting comes from the seed of training.
        planner.reset(1)
        expected = torch.rand((), generator=torch.Generator().manual_seed(6))
        assert torch.rand((), generator=planner._noise) == expected


def test_observations_are_normalised_by_their_own_limits():
    # From 0 to 8 and from -8 to 0; the action's limits, 0 and 0.8, are none of theirs.
    normalised = fitted(1)._normalised(torch.tensor([[2.0, -2.0], [8.0, -8.0]]))
    assert normalised.tolist() == [[-0.5, 0.5], [1, -1]]


def test_agents_by_diffusion_make_plans():
    assert DiffusionAgent.makes_plans


def test_an_agent_can_act_before_the_first_reset():
    agent = new_agent()
    agent.plan = np.full((1, 4, 3), 0.5, np.float32)
    assert act(agent, [[0, 0]]) == [[0.5]] and agent._noise.initial_seed() == 0


def test_actions_are_clipped_to_the_bounds_of_each_column():
    plan = [[[-0.6, -0.9, 7, 7], [0.2, 1.9, 7, 7], [0.3, 2.5, 7, 7], [-3, -3, 7, 7]]]
    agent = executing(plan, {"replan_every": 4}, **BOUNDS)
    done = [act(agent, [[0, 0]])[0] for _ in range(4)]
    expected = [[-0.5, -0.9], [0.2, 1.9], [0.25, 2], [-0.5, -1]]
    np.testing.assert_allclose(done, expected, rtol=1e-6)
