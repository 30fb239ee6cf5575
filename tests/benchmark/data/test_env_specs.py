"""In which environment a dataset is evaluated."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from benchmark.data.checks import BadDataError
from benchmark.data.env_specs import evaluation_spec, inherited
from tests.benchmark.data.reach_world import SPEC, write_reach

OTHER = replace(SPEC, max_episode_steps=3, kwargs={"reach": 0.5})


def test_the_environment_for_evaluation_comes_first() -> None:
    recorded = {"env_spec": SPEC.to_json()}
    assert evaluation_spec({}) is None
    assert evaluation_spec(recorded) == SPEC
    spec = evaluation_spec({**recorded, "eval_env_spec": OTHER.to_json()})
    assert spec is not None
    assert (spec.max_episode_steps, spec.kwargs) == (3, {"reach": 0.5})


def test_what_versions_of_gymnasium_add_is_left_out_and_so_is_drawing() -> None:
    values: dict[str, Any] = json.loads(SPEC.to_json())
    values |= {"autoreset": False, "apply_api_compatibility": False}
    values["kwargs"] = {"render_mode": "rgb_array", "reach": 2.0}
    del values["additional_wrappers"]
    spec = evaluation_spec({"env_spec": json.dumps(values)})
    assert spec is not None
    assert spec.kwargs == {"reach": 2.0}


@pytest.mark.parametrize("text", ["{", "[]", '{"id": 3}', '{"no": "id"}'])
def test_an_environment_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadDataError, match="names an environment in a form that cannot be read"):
        evaluation_spec({"env_spec": text})


def test_a_combined_dataset_has_what_its_sources_say_alike() -> None:
    write_reach("my/one-v0", eval_env_spec=OTHER.to_json(), ref_min_score=-9.0)
    write_reach("my/two-v0", eval_env_spec=OTHER.to_json(), ref_min_score=-8.0)
    both = {"combined_datasets": ["my/one-v0", "my/two-v0"], "env_spec": SPEC.to_json()}
    assert evaluation_spec(both) == OTHER
    assert inherited(both, "ref_min_score") is None, "they differ"
    assert inherited({**both, "ref_min_score": -7.0}, "ref_min_score") == -7.0
    gone = {"combined_datasets": ["my/one-v0", "my/gone-v0"], "env_spec": SPEC.to_json()}
    assert evaluation_spec(gone) == SPEC
