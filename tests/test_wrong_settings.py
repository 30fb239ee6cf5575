"""Every agent refuses values of the wrong type and out of range, setting by setting, as it is made.

A run with such a value would fail, or worse, go through with another meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from math import inf, nan
from typing import Any, get_type_hints

import pytest

from benchmark.agents.builtin import LEARNING_AGENTS
from benchmark.agents.registry import agent_class, find_agent
from benchmark.agents.settings import resolve_settings
from benchmark.interface import TaskInfo
from benchmark.tasks import TASKS
from mage.config import MAGEConfig
from tests.goal_tasks import suited_to

NUMBERS = (True, "1", None, nan, inf, -inf, [1], {})
# By type: what is none of it.
WRONG_TYPES: dict[Any, tuple[Any, ...]] = {
    int: (*NUMBERS, 1.5),
    float: NUMBERS,
    bool: (0, 1, "true", None, nan),
    str: (1, None, True, ["a"]),
    tuple[int, ...]: (1, "12", None, [True], [1.5], ["1"], [nan], [[1]]),
    tuple[float, ...]: (1, "12", None, [True], ["1"], [nan], [inf]),
    tuple[str, ...]: (1, None, [1], [None]),
    float | None: tuple(value for value in NUMBERS if value is not None),
}
# By type: what is out of range for all but the settings below.
OUT_OF_RANGE: dict[Any, tuple[Any, ...]] = {
    int: (-1, 0),
    float: (-1, -1e300),
    tuple[int, ...]: ([], [0], [-1]),
    str: ("nonsense", ""),
    tuple[str, ...]: (["nonsense"], []),
    float | None: (-1,),
}
ANY_NUMBER = {"reward_scale", "reward_shift", "advantage_asked", "goal"}
MAY_BE_ZERO = {"context", "guide_steps", "bootstrap_steps", "place_features", "condition_width"}
# More of some: numbers that fail, overflow or divide by nothing later on.
MORE: dict[str, dict[str, tuple[Any, ...]]] = {
    "mage": {
        "codes": (2**15, 10**9),
        "shares": ([0.5, 0.5, 0.5], [], [0.1, 0.1], [-0.1, 0.1, 0.1]),
        **{"expectile": (0, 1), "scales": ([2, 1], [1, 1]), "pairs": (7,), "heads": (3,)},
        **{"discount": (1.1,), "gumbel_temperature": (0,), "persistence": (1.1,)},
        "replan_every": (1000,),
    },
    "dt": {"n_heads": (3, 1000), "dropout": (1.1,)},
    "adt": {"n_heads": (3, 1000), "dropout": (1.1,)},
    "carp": {"n_heads": (3,), "scales": ([2, 1],), "replan_every": (1000,)},
    "tt": {"n_heads": (3,), "n_bins": (1,), "top_p": (0, 1.1), "replan_every": (1000,)},
    "diffuser": {"channels": ([33, 64],), "horizon": (5,), "goal": ([1.0],)},
    "dd": {"denoising_steps": (1, 1000), "temperature": (1.1,)},
    "dv": {"n_heads": (3,), "denoising_steps": (1001,), "replan_every": (1000,)},
}


@pytest.fixture
def task(name: str, tiny_task: TaskInfo) -> TaskInfo:
    return suited_to(name, tiny_task)


def wrong_values(name: str, setting: str, kind: Any) -> Iterator[Any]:
    yield from WRONG_TYPES[kind]
    yield from MORE.get(name, {}).get(setting, ())
    if setting not in ANY_NUMBER:
        for value in OUT_OF_RANGE.get(kind, ()):
            if value != 0 or setting not in MAY_BE_ZERO:
                yield value


@pytest.mark.parametrize("name", LEARNING_AGENTS)
def test_wrong_values_are_refused_by_name(name: str, task: TaskInfo) -> None:
    agent = agent_class(name)
    settings = resolve_settings(find_agent(name), TASKS["adroit-pen-expert"], "smoke").values
    agent(task, settings, "cpu")
    config_class = config_of(name)
    kinds = get_type_hints(config_class)
    for field in fields(config_class):
        for value in wrong_values(name, field.name, kinds[field.name]):
            with pytest.raises(ValueError, match=field.name) as refused:
                agent(task, {**settings, field.name: value}, "cpu")
            words = str(refused.value).partition(";")[0].replace("=", " ").split()
            assert field.name in words, f"{field.name}: {value!r}: {refused.value}"


def test_what_is_tried_more_of_is_there() -> None:
    for name, more in MORE.items():
        assert set(more) <= {field.name for field in fields(config_of(name))}


def config_of(name: str) -> Any:
    """The dataclass of an agent's settings."""
    return MAGEConfig if name == "mage" else getattr(agent_class(name), "config_class")  # noqa: B009
