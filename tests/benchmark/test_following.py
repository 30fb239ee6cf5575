"""The protocols of what an agent follows know who keeps them."""

from __future__ import annotations

from typing import Any

from benchmark.interface import PlanFollower, ReturnConditioned


class Asked:
    """Keeps the protocol of those who are asked for a return."""

    asking_levels = (0.0, 1.0)
    asking_unit = "share of the target return"
    requested_discount = 1.0

    def ask_for(self, level: float | None) -> None: ...

    def requested_returns(self) -> Any: ...


class Planning:
    """Keeps the protocol of those who follow plans."""

    def exchange_plans(self, exchange: Any) -> None: ...

    def random_plans(self, n_envs: int, seed: int) -> Any: ...


def test_agents_are_known_by_what_they_offer() -> None:
    assert isinstance(Asked(), ReturnConditioned) and isinstance(Planning(), PlanFollower)
    assert not isinstance(Asked(), PlanFollower) and not isinstance(Planning(), ReturnConditioned)
