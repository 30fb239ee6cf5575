"""IDQL clones a distribution with two modes, and does the best of its candidates."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch

from baselines.flow_policies.idql import IDQL, IDQLConfig, noise_schedule
from tests.baselines.config_checks import check_presets
from tests.baselines.synthetic_tasks import no_progress, task_for, two_armed_bandit

# Of the actions a third is near 0.5 and brings 1; the others are near -0.5.
BANDIT = two_armed_bandit()
SMALL = {
    **{"hidden_sizes": (32, 32), "batch_size": 128, "learning_rate": 3e-3, "policy_tau": 0.1},
    **{"width": 32, "blocks": 1, "candidates": 16, "dropout": 0.0},
}


def trained(steps: int, **settings: Any) -> IDQL:
    agent = IDQL(task_for(BANDIT), {**SMALL, **settings}, "cpu")
    return agent.fit(BANDIT, steps=steps, seed=0, progress=no_progress)


@pytest.fixture(scope="module")
def agent() -> IDQL:
    return trained(300, tau=0.05)


def test_candidates_have_both_modes_as_often_as_they_were_recorded(agent: IDQL) -> None:
    states = torch.as_tensor(BANDIT.observations.copy())
    with torch.no_grad():
        actions = agent._denoised(states, torch.Generator().manual_seed(0))[:, 0]
    assert (actions > 0).float().mean().item() == pytest.approx(1 / 3, abs=0.15)
    assert ((actions.abs() - 0.5).abs() < 0.25).float().mean() > 0.6


def test_the_candidate_of_most_value_is_done(agent: IDQL) -> None:
    actions = agent.act(BANDIT.observations)
    assert (actions > 0.2).mean() > 0.9


def test_a_single_candidate_is_no_choice() -> None:
    agent = trained(1, candidates=1)
    states = torch.as_tensor(BANDIT.observations.copy())
    with torch.no_grad():
        drawn = agent._denoised(states, torch.Generator().manual_seed(0))
    np.testing.assert_allclose(agent.act(BANDIT.observations), drawn.numpy(), atol=1e-6)


def test_the_candidates_of_a_state_are_drawn_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    agent = trained(1, candidates=4)
    monkeypatch.setattr(agent, "_denoised", lambda states, noise: states[:, :1])
    seen = torch.tensor([[0.25], [-0.5], [0.75]]).expand(3, BANDIT.observations.shape[1])
    assert torch.equal(agent._actions_from_noise(seen, torch.Generator()), seen[:, :1])


@pytest.mark.parametrize(("tau", "policy_tau"), [(1.0, 0.0), (0.0, 1.0)])
def test_slow_copies_follow_by_shares_of_their_own(tau: float, policy_tau: float) -> None:
    networks = trained(3, tau=tau, policy_tau=policy_tau)._networks

    def alike(slow: torch.nn.Module, network: torch.nn.Module) -> bool:
        pairs = zip(slow.parameters(), network.parameters(), strict=True)
        return all(torch.equal(*pair) for pair in pairs)

    assert alike(networks.slow_critic, networks.critic) == (tau == 1)
    assert alike(networks.slow_noise, networks.noise) == (policy_tau == 1)


def test_the_value_is_an_expectile_of_what_was_rewarded(agent: IDQL) -> None:
    # Returns are 0 or 1; with a third of ones, the 0.7 expectile is 0.7 / (0.7 + 2 * 0.3).
    value = agent._networks.value(torch.as_tensor(BANDIT.observations.copy()))
    assert value.mean().item() == pytest.approx(0.7 / 1.3, abs=0.12)


def test_noise_that_is_added_comes_to_the_same_in_any_number_of_steps() -> None:
    for steps in (1, 5, 50):
        left = (1 - noise_schedule(steps)).prod().item()
        # The integral of noise that rises from 0.1 to 10.
        assert left == pytest.approx(float(np.exp(-0.1 - 9.9 / 2)), rel=1e-4)
    assert (noise_schedule(5).diff() > 0).all()


def test_it_acts_without_dropout_by_the_slow_copy() -> None:
    agent = trained(2, dropout=0.5)
    assert not agent._networks.slow_noise.training
    assert agent._networks.noise.training


def test_the_defaults_are_those_of_the_reference() -> None:
    assert asdict(IDQLConfig()) == {
        "batch_size": 512,
        "hidden_sizes": (256, 256),
        "learning_rate": 3e-4,
        "gamma": 0.99,
        "tau": 0.005,
        "reward_scale": 1.0,
        "reward_shift": 0.0,
        "expectile": 0.7,
        "candidates": 64,
        "denoising_steps": 5,
        "width": 256,
        "blocks": 3,
        "dropout": 0.1,
        "policy_tau": 0.001,
    }
    check_presets(IDQL)


@pytest.mark.parametrize(
    "settings",
    [{"expectile": 1.1}, {"candidates": 0}, {"denoising_steps": 0}, {"width": 0}, {"blocks": 0}],
    ids=str,
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any]) -> None:
    (name,) = settings
    with pytest.raises(ValueError, match=f"setting {name}=.* is out of range; valid: "):
        IDQLConfig(**settings)
