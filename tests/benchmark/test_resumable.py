"""What an agent's class says of its training."""

from __future__ import annotations

from typing import Any

import pytest

from benchmark import interface
from benchmark.resumable import Resumable, takes_gradient_steps, trains_longer


class Plain:
    pass


class Kept(Plain):
    def training_state(self) -> dict[str, Any]:
        return {}

    def resume(self, state: Any) -> None: ...


class Fixed(Kept):
    trains_longer = False


class Still(Plain):
    takes_gradient_steps = False


@pytest.mark.parametrize(
    ("agent_class", "longer", "steps"),
    [(Plain, False, True), (Kept, True, True), (Fixed, False, True), (Still, False, False)],
)
def test_a_class_says_what_its_training_can(
    agent_class: type[Any], longer: bool, steps: bool
) -> None:
    assert trains_longer(agent_class) is longer
    assert takes_gradient_steps(agent_class) is takes_gradient_steps(agent_class()) is steps
    assert isinstance(agent_class(), Resumable) == issubclass(agent_class, Kept)


def test_agents_import_it_from_the_interface() -> None:
    assert interface.Resumable is Resumable
