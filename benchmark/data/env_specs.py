"""In which environment a dataset is evaluated, by what it says itself."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from benchmark.data.checks import BadDataError
from benchmark.data.minari_folder import is_there
from benchmark.data.stored import read_metadata
from benchmark.errors import with_type

if TYPE_CHECKING:
    from gymnasium.envs.registration import EnvSpec

NO_EVALUATION = "--no-evaluation trains and saves agents without it"


def evaluation_spec(metadata: Mapping[str, Any]) -> EnvSpec | None:
    """The environment for evaluation where a dataset names one, or else that of the recording.

    Args:
        metadata: of the dataset.

    Returns:
        What `gymnasium.make` takes; None if the dataset names none.

    Raises:
        BadDataError: if it cannot be read.
    """
    text = inherited(metadata, "eval_env_spec") or inherited(metadata, "env_spec")
    if text is None:
        return None
    from gymnasium.envs.registration import EnvSpec  # --help does without it.

    try:
        values = json.loads(text)
        # Versions of Gymnasium differ in what they write beside what all of them know.
        known = set(inspect.signature(EnvSpec).parameters)
        kept = {name: value for name, value in values.items() if name in known}
        kept["kwargs"] = {**(values.get("kwargs") or {})}
        kept["kwargs"].pop("render_mode", None)  # Nobody looks on.
        return EnvSpec.from_json(json.dumps({"additional_wrappers": [], **kept}))
    except Exception as error:  # Files of others hold anything.
        raise BadDataError(
            f"names an environment in a form that cannot be read ({with_type(error)})",
            NO_EVALUATION,
        ) from error


def inherited(metadata: Mapping[str, Any], name: str) -> Any:
    """What a dataset says of itself; of a combined one, else what all of its sources say alike.

    Minari keeps neither the environment for evaluation nor reference returns when it combines.
    """
    if metadata.get(name) is not None:
        return metadata[name]
    values = [
        read_metadata(source).get(name) if is_there(source) else None
        for source in metadata.get("combined_datasets") or []
    ]
    return values[0] if values and all(value == values[0] for value in values) else None
