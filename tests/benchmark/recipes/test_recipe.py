"""What tells recorded episodes apart that may not be mixed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmark.recipes import RECIPES

RECIPE = RECIPES["mage/antmaze/umaze-v0"]


def test_another_setting_seed_or_simulator_is_another_fingerprint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed = [
        replace(RECIPE, episodes=7),
        replace(RECIPE, version=1),
        replace(RECIPE, id="mage/antmaze/other-v0"),
        replace(RECIPE, task="antmaze-medium-play"),
        replace(RECIPE, goal_share=0.3),  # type: ignore[call-arg]
    ]
    found = [RECIPE.fingerprint(0), RECIPE.fingerprint(1), *(one.fingerprint(0) for one in changed)]
    for name in ("gymnasium-robotics", "mujoco", "numpy"):
        version = {"gymnasium-robotics": "1", "mujoco": "2", "numpy": "3", name: "9"}
        with monkeypatch.context() as patch:
            patch.setattr("benchmark.recipes.recipe.version", version.__getitem__)
            found.append(RECIPE.fingerprint(0))
    assert len(set(found)) == len(found) == 10
    assert RECIPE.fingerprint(0) == replace(RECIPE).fingerprint(0) == found[0]
    assert {len(each) for each in found} == {12}
