"""Settings that goal-conditioned agents share; the defaults are those of OGBench's code."""

from __future__ import annotations

from dataclasses import dataclass

from baselines.shared.config_checks import check_ranges
from baselines.shared.fixed_rate_agent import FixedRateConfig


@dataclass(frozen=True)
class GoalConfig(FixedRateConfig):
    """Settings of every goal-conditioned agent, beside those of `FixedRateConfig`.

    Attributes:
        random_goals: share of the policy's goals that are states from anywhere, the others come
            later in the same recording; None for what the task says.
    """

    batch_size: int = 1024
    random_goals: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.random_goals is not None:
            check_ranges(self, random_goals=(0, 1))


@dataclass(frozen=True)
class GoalValueConfig(GoalConfig):
    """Settings of those that learn values, beside those of `GoalConfig`.

    Attributes:
        discount: factor per step, of values and of how soon their goals come; None for the task's.
        tau: share of a network that its slow copy takes over per gradient step.
        expectile: of the values that are backed up.
        value_current_goals: share of the goals of values that are the state itself.
        value_random_goals: share that are states from anywhere.
    """

    discount: float | None = None
    tau: float = 0.005
    expectile: float = 0.9
    value_current_goals: float = 0.2
    value_random_goals: float = 0.3

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.discount is not None:
            check_ranges(self, discount=(0, 1))
        check_ranges(self, tau=(0, 1), expectile=(0, 1))
        check_ranges(self, value_current_goals=(0, 1), value_random_goals=(0, 1))
        if self.value_current_goals + self.value_random_goals > 1:
            raise ValueError(
                f"settings value_current_goals={self.value_current_goals} and value_random_goals="
                f"{self.value_random_goals} of {type(self).__name__} are more than 1 together"
            )


SMOKE = {"steps": 20, "hidden_sizes": (32, 32), "batch_size": 32}
# Half the width and a quarter of the rows, for more steps; mazes have small states.
QUICK = {"hidden_sizes": (256, 256, 256), "batch_size": 256}
# Values of far goals are backed up from step to step by slow copies: 1 / tau gradient steps for
# each. With the reference's 0.005 none of the steps of `quick` would be left for a long way.
QUICK_VALUES = {**QUICK, "tau": 0.02}
PAPER = {"steps": 1_000_000}
