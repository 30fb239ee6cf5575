"""How much a run may cost: evaluation episodes, curve points, and default gradient steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.errors import UserError, unknown_name


@dataclass(frozen=True)
class Preset:
    """One size of experiment.

    Attributes:
        purpose: what its numbers may be used for, for people.
        episodes: evaluation episodes per run.
        tuning_episodes: episodes per score of the learning curve, on seeds of their own.
        curve_scores: scores along the learning curve, equally spaced, the last at the end.
        steps: gradient steps of an agent that names none.
        minutes: measured minutes of one run on one core, by agent; the largest for others.
    """

    purpose: str
    episodes: int
    tuning_episodes: int
    curve_scores: int
    steps: int
    minutes: Mapping[str, float]

    def minutes_of(self, agent: str) -> float:
        """Estimated minutes of one run of an agent on one core."""
        base = agent.partition(".")[0]  # A variant costs about what its agent does.
        return self.minutes.get(agent, self.minutes.get(base, max(self.minutes.values())))


PRESETS = {
    "smoke": Preset(
        purpose="shows that everything runs; its scores mean nothing",
        episodes=2,
        tuning_episodes=1,
        curve_scores=2,
        steps=20,
        minutes={
            **{"mage": 0.3, "dt": 0.2, "diffuser": 0.3, "iql": 0.2, "cql": 0.2, "bc": 0.2},
            **{"bc10": 0.2, "td3bc": 0.2, "awac": 0.2, "rebrac": 0.2, "random": 0.1, "mean": 0.1},
            **{"dd": 0.3, "hd": 0.3, "tt": 0.3, "carp": 0.2},
        },
    ),
    # Each agent gets the gradient steps that were to take 3.5 minutes on one idle core (cloning no
    # more than 20,000), with networks and batches made smaller only as far as that needs.
    "quick": Preset(
        purpose="a comparison on a laptop at a small budget; not to be set beside published scores",
        episodes=50,
        # Few: they cost time that is not spent on training.
        tuning_episodes=5,
        curve_scores=4,
        steps=10_000,
        minutes={
            **{"mage": 8.0, "dt": 4.0, "diffuser": 6.0, "iql": 5.0, "cql": 8.0, "bc": 2.0},
            **{"bc10": 2.0, "td3bc": 4.0, "awac": 4.0, "rebrac": 4.0, "random": 0.3, "mean": 0.3},
            **{"dd": 6.0, "hd": 10.0, "tt": 7.0, "carp": 4.0},
        },
    ),
    "paper": Preset(
        purpose="the published sizes, to be set beside published scores; needs a GPU",
        episodes=100,
        tuning_episodes=10,
        curve_scores=5,
        steps=500_000,
        minutes={
            **{"mage": 1500, "dt": 600, "diffuser": 3000, "iql": 300, "cql": 600, "bc": 100},
            **{"bc10": 100, "td3bc": 250, "awac": 900, "rebrac": 1200, "random": 1, "mean": 1},
            **{"dd": 3000, "hd": 3000, "tt": 900, "carp": 200},
        },
    ),
}
CURVE_LOSSES = 50


def find_preset(name: str) -> Preset:
    """The preset of a name.

    Raises:
        UserError: if there is none.
    """
    if name not in PRESETS:
        raise unknown_name("preset", name, PRESETS)
    return PRESETS[name]


def agent_settings(
    agent: type[Any], preset: str, of_task: Mapping[str, Any]
) -> tuple[int, dict[str, Any]]:
    """Gradient steps and settings: the preset's, then the agent's own, then the task's.

    Args:
        agent: a class; its attribute `presets` is optional.
        preset: name of the preset.
        of_task: what the table of tasks says about this agent.

    Raises:
        UserError: if the steps come out below 1.
    """
    own: Mapping[str, Any] = getattr(agent, "presets", {}).get(preset, {})
    settings = {"steps": find_preset(preset).steps, **own, **of_task}
    steps = settings.pop("steps")
    if not isinstance(steps, int) or steps < 1:
        raise UserError(
            f"steps {steps!r} of {agent.__name__} in preset {preset!r}; valid: an integer of 1 or "
            "more; correct its `presets`"
        )
    return steps, settings
