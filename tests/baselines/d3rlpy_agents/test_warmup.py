from __future__ import annotations

import pickle

import torch
from d3rlpy.optimizers import WarmupSchedulerFactory

from baselines.d3rlpy_agents.warmup import PicklableWarmup


def rates(factory: WarmupSchedulerFactory, steps: int) -> list[float]:
    weight = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([weight], lr=0.3)
    schedule, seen = factory.create(optimiser), []
    for _ in range(steps):
        seen += schedule.get_last_lr()
        optimiser.step()
        schedule.step()
    return seen


def test_the_rates_are_those_of_d3rlpy() -> None:
    ours = rates(PicklableWarmup(4), 6)
    assert ours == rates(WarmupSchedulerFactory(4), 6)
    assert ours[0] == 0.3 / 4 and ours[3:] == [0.3] * 3


def test_a_schedule_can_be_pickled() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    schedule = PicklableWarmup(4).create(torch.optim.SGD([weight], lr=0.4))
    schedule.optimizer.step()
    schedule.step()
    copy = pickle.loads(pickle.dumps(schedule))
    assert copy.get_last_lr() == schedule.get_last_lr() == [0.2]
