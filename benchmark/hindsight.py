"""How a task shows its goal, for agents that put other goals into recorded observations.

Agents import it from `benchmark.interface`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HindsightGoals:
    """Where the goal stands in an observation, and which recorded states can be goals.

    An observation is a state and a goal, and a goal is a copy of some numbers of the state that
    was to be reached. A dataset of such a task shows goals in hindsight: at a terminal the goal was
    reached, and the recording goes on in the next row with another goal; it ends at a timeout. So
    who wants to draw goals anew takes the rows from one timeout to the next as one recording.

    Attributes:
        goal_columns: columns of the observation that hold the goal.
        state_columns: for each of these, the column of the state that it is a copy of.
        radius: distance of `TaskInfo.position_columns` from the goal's at which it is reached.
        random_goals: share of the goals that are any recorded state; the others are states that
            come later in the same recording (OGBench, section 7.1 and its hyperparameters).

    Raises:
        ValueError: if the columns differ in number, or a number is out of range.
    """

    goal_columns: tuple[int, ...]
    state_columns: tuple[int, ...]
    radius: float
    random_goals: float = 0.0

    def __post_init__(self) -> None:
        if not self.goal_columns or len(self.goal_columns) != len(self.state_columns):
            raise ValueError(
                f"goal_columns {self.goal_columns} and state_columns {self.state_columns} "
                "need the same number of columns, 1 or more"
            )
        if not (self.radius > 0 and 0 <= self.random_goals <= 1):
            raise ValueError(
                f"radius={self.radius} and random_goals={self.random_goals}; valid: a radius "
                "above 0, and a share from 0 to 1"
            )
