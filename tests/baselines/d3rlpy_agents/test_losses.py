"""What d3rlpy makes of settings and batches: losses of one update, worked out by hand.

All networks are constant, so that their outputs are known: critics say -2 and 1, their slow copies
4 and 3, the state value is 1, and policies act with 0. The data is one episode of two steps::

    action    0.5  -0.5
    reward      1     2
    terminal    0     1
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from baselines.d3rlpy_agents.awac import AWAC
from baselines.d3rlpy_agents.cql import CQL
from baselines.d3rlpy_agents.iql import IQL
from baselines.d3rlpy_agents.rebrac import ReBRAC
from baselines.d3rlpy_agents.td3_bc import TD3BC
from baselines.d3rlpy_agents.value_learning import ValueLearner
from tests.baselines.synthetic_tasks import dataset_of, task_for

TINY = {"hidden_sizes": (1,), "gamma": 0.5, "tau": 0.25, "batch_size": 2}
STILL = {"actor_learning_rate": 0.0, "critic_learning_rate": 0.0}
# The value of what follows is 3, the smaller of the slow copies: targets are 1 + 0.5 * 3 and 2.
TD_ERROR = (4.5**2 + 4**2) / 2 + (1.5**2 + 1**2) / 2


def surprise(log_deviation: float) -> float:
    """-log of the density that a normal policy with mean 0 gives to 0.5, and to -0.5."""
    spread = np.exp(log_deviation)
    return float(0.5 * (0.5 / spread) ** 2 + log_deviation + 0.5 * np.log(2 * np.pi))


class EachOnce:
    """Stands in for random numbers: every transition is drawn once."""

    def choice(self, rows: Any, size: int) -> Any:
        assert len(rows) == size
        return rows


def make_constant(network: nn.Module, output: float) -> None:
    with torch.no_grad():
        for name, weights in network.named_parameters():
            weights.fill_(output if name.endswith(("_fc.bias", "_mu.bias")) else 0)


def updated(agent_class: type[ValueLearner], updates: int = 1, **settings: Any) -> Any:
    """The reports of some updates of an agent, and its networks."""
    dataset = dataset_of([[0], [1]], [[0.5], [-0.5]], [1, 2], {1: "terminal"})
    agent = agent_class(task_for(dataset), {**TINY, **settings}, "cpu")
    torch.manual_seed(0)
    agent._build(9, np.zeros(1), np.ones(1))
    modules = agent._algorithm.impl.modules
    make_constant(modules.policy, 0)
    for critics, values in ((modules.q_funcs, (-2, 1)), (modules.targ_q_funcs, (4, 3))):
        for critic, value in zip(critics, values, strict=True):
            make_constant(critic, value)
    if hasattr(modules, "targ_policy"):
        make_constant(modules.targ_policy, 0)
    if hasattr(modules, "value_func"):
        make_constant(modules.value_func, 1)
    draw = agent._batches(dataset)
    with torch.random.fork_rng():
        reports = [agent._algorithm.update(draw(EachOnce())) for _ in range(updates)]  # type: ignore[arg-type]
    return reports, modules


def outputs_of(networks: Any) -> list[float]:
    return [dict(network.named_parameters())["_fc.bias"].item() for network in networks]


@pytest.fixture(autouse=True)
def _same_numbers_for_others() -> Any:
    with torch.random.fork_rng():
        yield


def test_implicit_q_learning() -> None:
    settings = {"learning_rate": 0.0, "expectile": 0.8, "weight_temp": 0.5}
    (report,), modules = updated(IQL, **settings)
    # Targets are 1 + 0.5 * 1, with the state value of what follows, and 2.
    assert report["q_loss"] == pytest.approx((3.5**2 + 4**2) / 2 + (0.5**2 + 1**2) / 2)
    assert report["v_loss"] == pytest.approx(0.8 * 2**2)  # The value 1 lies below 3.
    # The advantage is 2. The logarithm of the deviation lies in the middle of d3rlpy's -5 and 2.
    assert report["actor_loss"] == pytest.approx(np.exp(0.5 * 2) * surprise(-1.5), rel=1e-5)
    # A quarter of the way from 4 to -2, and from 3 to 1.
    assert outputs_of(modules.targ_q_funcs) == pytest.approx([2.5, 2.5])
    assert outputs_of(modules.q_funcs) == pytest.approx([-2, 1])
    (clipped,), _ = updated(IQL, **settings, max_weight=1.5)
    assert clipped["actor_loss"] == pytest.approx(1.5 * surprise(-1.5), rel=1e-5)
    (shifted,), _ = updated(IQL, **settings, reward_shift=-3.0, reward_scale=2.0)
    # Rewards of -1 and 1: targets of -0.5 and 1.
    assert shifted["q_loss"] == pytest.approx((1.5**2 + 3**2) / 2 + (1.5**2 + 0) / 2)


def test_conservative_q_learning() -> None:
    (report,), _ = updated(CQL, **STILL, conservative_weight=1.0)
    gap = report["conservative_loss"]
    assert report["critic_loss"] - gap == pytest.approx(TD_ERROR, rel=1e-4)
    # Critics are constant: log of the sum of exp(Q) / density over 30 actions, less Q, is about
    # log(30 * 2) for each of the two, as a uniform action in [-1, 1] has a density of 1 / 2.
    assert gap == pytest.approx(2 * np.log(30 * 2), rel=0.1)
    (twice,), _ = updated(CQL, **STILL, conservative_weight=2.0)
    assert twice["conservative_loss"] == pytest.approx(2 * gap, rel=1e-5)
    (fewer,), _ = updated(CQL, **STILL, conservative_weight=1.0, n_action_samples=1)
    assert fewer["conservative_loss"] == pytest.approx(2 * np.log(3 * 2), rel=0.3)
    held, _ = updated(CQL, **STILL, conservative_weight=2.0, lagrange_threshold=3.0)
    assert held[0]["conservative_loss"] == pytest.approx(2 * (gap - 2 * 3), rel=1e-4)


def test_advantage_weighted_actor_critic() -> None:
    settings = {"learning_rate": 0.0, "weight_decay": 0.0}
    (report,), _ = updated(AWAC, **settings, temperature=0.5)
    assert report["critic_loss"] == pytest.approx(TD_ERROR)  # Without SAC's bonus for entropy.
    # Actions of one value each have a weight of 1; the loss is a sum over both steps. The logarithm
    # of the deviation lies in the middle of d3rlpy's -6 and 0.
    assert report["actor_loss"] == pytest.approx(2 * surprise(-3.0), rel=1e-5)


def test_td3_with_cloning() -> None:
    (report,), _ = updated(TD3BC, **STILL, alpha=1.5, actor_interval=1)
    assert report["critic_loss"] == pytest.approx(TD_ERROR)
    assert report["bc_loss"] == pytest.approx(0.5**2)
    # The value of -2 counts 1.5 / 2 of itself: relative to its mean size.
    assert report["actor_loss"] == pytest.approx(1.5 / 2 * 2 + 0.5**2)


def test_the_policy_and_the_slow_copies_are_updated_at_every_third_step() -> None:
    reports, modules = updated(TD3BC, 4, **STILL, actor_interval=3)
    assert ["actor_loss" in report for report in reports] == [True, False, False, True]
    # Twice a quarter of the way from 4 to -2: 2.5, 1.375. From 3 to 1: 2.5, 2.125.
    assert outputs_of(modules.targ_q_funcs) == pytest.approx([1.375, 2.125])


def test_rebrac() -> None:
    penalties = {"actor_penalty": 0.2, "critic_penalty": 0.4}
    (report,), _ = updated(ReBRAC, **STILL, **penalties, actor_interval=1, target_noise=0.0)
    # The next recorded action is -0.5, that of the policy 0: 3 - 0.4 * 0.25 = 2.9 is backed up.
    errors = (4.45**2 + 4**2) / 2 + (1.45**2 + 1**2) / 2
    assert report["critic_loss"] == pytest.approx(errors)
    # The smaller value of -2 counts half of itself.
    assert report["actor_loss"] == pytest.approx(0.5 * 2 + 0.2 * 0.5**2)
