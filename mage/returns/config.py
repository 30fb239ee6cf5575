"""Settings of the return machinery, which the configs of the agents that use it inherit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from benchmark.interface import Dataset
from mage.returns.episode_cuts import cut_episodes

RETURN_CHOICES = ("state", "target")
# Of so many rows the best is all but the best of all; more would only take long to draw.
_MOST_CANDIDATES = 1_000
# More frequencies say nothing new of two or four numbers.
_MOST_FEATURES = 1_000
# What is left of a request is divided by the discount at every step.
_LEAST_PERSISTENT_DISCOUNT = 0.001

Check = tuple[str, str, Callable[[Any], bool]]
"""The setting that is checked, what is expected of it in words, and whether a config is fine."""


@dataclass(frozen=True)
class LabelConfig:
    """How recorded returns are scaled for a network, and which rows it learns from.

    Attributes:
        discount: factor per environment step of the return-to-go; None for the task's.
        log_returns: whether returns are put on a logarithmic scale.
        expectile: of the returns from a state that counts as a high return; 0.5 is the mean.
        best_of: rows drawn for each row that is learned from, which is the one with the largest
            advantage; 1 draws all rows with equal probability.
        place_features: pairs of sine and cosine of where the agent and its goal are that networks
            see beside them; 0 for none. Only observations of mazes say where they are.
        bootstrap_steps: steps of a return that are counted as they were recorded, before what the
            return model says of a high one from there stands for the rest; 0 for all steps.
    """

    discount: float | None = None
    log_returns: bool = False
    expectile: float = 0.99
    best_of: int = 4
    place_features: int = 0
    bootstrap_steps: int = 0

    def __post_init__(self) -> None:
        """Refuses what cannot work.

        Raises:
            ValueError: with the setting, its value, and what is expected.
        """
        refuse_invalid(self, _LABEL_CHECKS)

    def discount_on(self, task_discount: float) -> float:
        """The factor that counts on a task which has this one."""
        return task_discount if self.discount is None else self.discount

    def episodes(self, dataset: Dataset, max_steps: int) -> Dataset:
        """A dataset with the episodes whose returns count: those recorded.

        Args:
            dataset: recorded steps.
            max_steps: of an episode of the task.
        """
        del max_steps
        return dataset


@dataclass(frozen=True)
class ReturnConfig(LabelConfig):
    """Which return is asked for when acting, beside the settings of `LabelConfig`.

    Attributes:
        return_asked: `state`, a high return that is reachable from where the agent is, or
            `target`, the task's undiscounted return at the start less what has been received
            since, as in the papers. There is then no discount, which is a factor of 1.
        advantage_asked: advantage of the return that is asked for in a state: 0 is the mean return
            from there, 1 the upper expectile.
        persistence: share of the previous request, less the reward received, that is asked for
            again where it exceeds the request of the state: 0 is nothing, 1 all of it.
        condition_on_advantage: whether networks see the advantage of a return beside it.
    """

    return_asked: str = "state"
    advantage_asked: float = 1.0
    persistence: float = 0.0
    condition_on_advantage: bool = True

    def __post_init__(self) -> None:
        """Refuses what cannot work, as `LabelConfig` does."""
        super().__post_init__()
        refuse_invalid(self, _REQUEST_CHECKS)

    def discount_on(self, task_discount: float) -> float:
        """The factor that counts on a task which has this one."""
        if self.return_asked == "target":
            return 1.0  # A target is undiscounted, and so must be what it is compared with.
        return super().discount_on(task_discount)

    def episodes(self, dataset: Dataset, max_steps: int) -> Dataset:
        """Those recorded; for a target, which is one of an evaluation, cut as long as one."""
        if self.return_asked == "target":
            return cut_episodes(dataset, max_steps)
        return super().episodes(dataset, max_steps)


def refuse_invalid(config: object, checks: Iterable[Check], **words: object) -> None:
    """Makes checks one by one, as later ones may rely on earlier ones.

    Args:
        config: whose attributes are settings.
        checks: of it.
        words: what stands in braces in the texts of the checks.

    Raises:
        ValueError: for the first that fails, with the value and what is expected.
    """
    for name, expected, is_valid in checks:
        if not is_valid(config):
            raise ValueError(
                f"setting {name} = {getattr(config, name)!r} is not valid; expected "
                f"{expected.format(**words)}"
            )


def number_checks(expected: str, is_valid: Callable[[float], bool], *names: str) -> list[Check]:
    """The same check of the numbers in several settings."""

    def check(name: str) -> Check:
        return name, expected, lambda config: is_valid(getattr(config, name))

    return [check(name) for name in names]


_LABEL_CHECKS: tuple[Check, ...] = (
    *number_checks("1 or above", lambda number: number >= 1, "best_of"),
    *number_checks(
        f"at most {_MOST_CANDIDATES:,}", lambda number: number <= _MOST_CANDIDATES, "best_of"
    ),
    *number_checks("0 or above", lambda number: number >= 0, "place_features", "bootstrap_steps"),
    *number_checks(
        f"at most {_MOST_FEATURES:,}", lambda number: number <= _MOST_FEATURES, "place_features"
    ),
    *number_checks("a number between 0 and 1", lambda number: 0 < number < 1, "expectile"),
    *number_checks(
        "a number from 0 to 1, or None",
        lambda number: number is None or 0 <= number <= 1,
        "discount",
    ),
)
_REQUEST_CHECKS: tuple[Check, ...] = (
    *number_checks("a number from 0 to 1", lambda number: 0 <= number <= 1, "persistence"),
    (
        "return_asked",
        " or ".join(RETURN_CHOICES),
        lambda config: config.return_asked in RETURN_CHOICES,
    ),
    (
        "discount",
        "None or 1 where return_asked is target: a target is not discounted",
        lambda config: config.return_asked != "target" or config.discount in (None, 1),
    ),
    (
        "discount",
        f"None or {_LEAST_PERSISTENT_DISCOUNT} and above where persistence is not 0: what is left "
        "of a request is divided by it",
        lambda config: (
            config.persistence == 0
            or config.discount is None
            or config.discount >= _LEAST_PERSISTENT_DISCOUNT
        ),
    ),
)
