"""What several tests of rows of the table of tasks share, written out once more."""

from __future__ import annotations

from typing import Any

# A row that says nothing but what it must.
PLAIN: dict[str, Any] = {
    "env_kwargs": {},
    "published_as": None,
    "recipe": None,
    "small_recipe": None,
    "relabel": "plain",
    "observation_parts": {},
    "goal_cell": None,
    "tells_success": True,
    "success": None,
    "success_return": None,
    "score_is_success": False,
    "discount": 0.99,
    "return_scale": 1.0,
    "target_return": 1.0,
    "position_columns": (),
    "goal_columns": (),
    "hindsight": None,
    "camera": {},
    "spaces": None,
    "source": None,
    "source_hash": None,
}
