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
    """

    purpose: str
    episodes: int
    tuning_episodes: int
    curve_scores: int
    steps: int


PRESETS = {
    "smoke": Preset(
        purpose="shows that everything runs; its scores mean nothing",
        episodes=2,
        tuning_episodes=1,
        curve_scores=2,
        steps=20,
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
    ),
    "paper": Preset(
        purpose="the published sizes, to be set beside published scores; needs a GPU",
        episodes=100,
        tuning_episodes=10,
        curve_scores=5,
        steps=500_000,
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
