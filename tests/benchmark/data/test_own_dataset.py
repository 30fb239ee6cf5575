"""Tasks that are derived from datasets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import minari
import numpy as np
import pytest

from benchmark.data import load, prepare
from benchmark.data.own_dataset import (
    absent_datasets,
    check_fits_environment,
    description,
    fetch_absent,
    task_of_dataset,
    tasks_of_datasets,
)
from benchmark.data.recorded_spaces import info_of
from benchmark.errors import BadDatasetError, UserError
from benchmark.evaluation.rollout import EnvironmentPool, evaluate
from benchmark.tasks import find_task
from benchmark.tasks.suites import select_tasks
from tests.benchmark.data.reach_world import SPEC, Reach, write_reach
from tests.benchmark.data.synthetic_datasets import (
    DOOR,
    alter_metadata,
    door_episode,
    publish,
    remote_folder,
    write,
)

__all__ = ["remote_folder"]


def test_a_task_is_what_its_dataset_says() -> None:
    write_reach("my/Reach-v0")
    task = task_of_dataset("my/Reach-v0")
    assert (task.name, task.benchmark, task.dataset) == ("my-reach-v0", "own-data", "my/Reach-v0")
    assert (task.env_id, task.max_steps, task.references) == (SPEC, 8, None)
    assert task.observation_parts == {"arm/position": 2, "arm/speed": 1, "goal": 2}
    assert -8 < task.target_return < 0 < task.return_scale < 16
    assert task.score_of(-3.5) == -3.5
    info = info_of(task)
    assert (info.observation_size, info.action_size, info.max_steps) == (5, 2, 8)
    check_fits_environment(task)
    assert description(task) == {
        "environment": "Reach-v0",
        "observation": "arm/position (2), arm/speed (1), goal (2) -> 5 numbers",
        "action": "2 numbers",
        "episode": "at most 8 steps",
        "scores": "returns, not normalised: the dataset has no reference scores",
        "returns": f"agents are asked for {task.target_return:g}, the best recorded; "
        f"{task.return_scale:g} is 1 to them",
    }


def test_every_process_derives_the_same() -> None:
    folder = write_reach("my/reach-v0")
    task = task_of_dataset("my/reach-v0")
    assert find_task(task.name, task.source, task.source_hash) == task
    alter_metadata(folder, ref_min_score=-9.0, ref_max_score=0.0)
    with pytest.raises(UserError, match="minari:my/reach-v0, from which .* has changed since"):
        find_task(task.name, task.source, task.source_hash)


def test_reference_scores_and_horizon_are_the_datasets() -> None:
    unlimited = replace(SPEC, max_episode_steps=None)
    write_reach("my/reach-v0", env=unlimited, ref_min_score=-20.0, ref_max_score=0.0)
    task = task_of_dataset("my/reach-v0")
    assert (task.references, task.max_steps, task.score_of(-5.0)) == ((-20.0, 0.0), 8, 75.0)
    words = description(task)
    assert words["scores"] == "a return of -20 scores 0, 0 scores 100 (the dataset says so)"
    assert words["episode"] == (
        "at most 8 steps (the longest recorded episode: the environment has no limit)"
    )


def test_data_is_loaded_and_agents_are_evaluated_on_it() -> None:
    write_reach("my/reach-v0")
    task = task_of_dataset("my/reach-v0")
    for data in ("auto", "local"):
        loaded = prepare(task, info_of(task), data, print)
        assert loaded.dataset.observations.shape == (21, 5)
        assert loaded.metadata["kind"] == "own data"

    class Still:
        def reset(self, n_envs: int) -> None: ...

        def act(self, observations: Any, last_rewards: Any) -> Any:
            assert observations.shape == (2, 5)
            return np.zeros((2, 2), np.float32)

    with EnvironmentPool(task) as pool:
        evaluation = evaluate(Still(), pool, [0, 1])
    assert evaluation.lengths == [8, 8]
    assert evaluation.scores == evaluation.returns
    assert evaluation.successes == [], "its environment tells of none"


def test_tasks_are_chosen_by_id_and_glob() -> None:
    for name in ("one", "two"):
        write_reach(f"my/{name}-v0")
    write_reach("other/one-v0")
    names = [task.name for task in select_tasks(None, ["minari:my/*", "minari:my/two-v0"])]
    assert names == ["my-one-v0", "my-two-v0"]
    with pytest.raises(UserError, match="brings tasks of its own, none of which is of the suite"):
        select_tasks("maze2d", ["minari:my/*"])
    with pytest.raises(
        UserError, match="no dataset 'my/on-v0' in .*did you mean minari:my/one-v0.*there: my/one"
    ):
        select_tasks(None, ["minari:my/on-v0"])
    with pytest.raises(UserError, match=r"no dataset 'your/\*' in"):
        tasks_of_datasets("minari:your/*")
    with pytest.raises(UserError, match="no dataset 'my' in"):
        tasks_of_datasets("minari:my")
    write_reach("my-one/v0-v0")
    write_reach("my/one/v0-v0")
    with pytest.raises(
        UserError, match="two tasks are called 'my-one-v0-v0', of minari:my-one/v0-v0 and"
    ):
        select_tasks(None, ["minari:my-one/v0-v0", "minari:my/one/v0-v0"])


def test_without_an_environment_agents_are_not_evaluated() -> None:
    write_reach("my/reach-v0", env=None)
    task = task_of_dataset("my/reach-v0")
    assert (task.env_id, task.max_steps) == (None, 8)
    with pytest.raises(UserError, match="my/reach-v0 names no environment.*--no-evaluation trains"):
        check_fits_environment(task)


def test_an_environment_that_is_not_here_or_has_other_spaces_is_refused() -> None:
    away = replace(SPEC, entry_point="no_such_package:Reach")
    write_reach("my/away-v0", env_spec=away.to_json())
    with pytest.raises(
        UserError, match="task my-away-v0 cannot be made .*no_such_package.*install the package"
    ):
        check_fits_environment(task_of_dataset("my/away-v0"))
    write_reach("my/other-v0", env=replace(SPEC, kwargs={"reach": 0.5}))
    with pytest.raises(
        UserError, match="Reach-v0 of dataset my/other-v0 has other spaces than the data: action 0"
    ):
        check_fits_environment(task_of_dataset("my/other-v0"))


def test_data_that_no_agent_learns_from_is_refused() -> None:
    folder = write("my/door-v0", door_episode(0))
    space = minari.serialization.serialize_space(gym.spaces.Discrete(3))
    alter_metadata(folder, action_space=space)
    with pytest.raises(BadDatasetError, match="my/door-v0.* its actions are of the space Discrete"):
        task_of_dataset("my/door-v0")


def test_nobody_is_told_to_delete_a_dataset_of_their_own() -> None:
    folder = write_reach("my/reach-v0")
    task = task_of_dataset("my/reach-v0")
    (folder / "data" / "main_data.hdf5").write_bytes(b"no data")
    with pytest.raises(BadDatasetError, match="is damaged") as error:
        load(task, info_of(task), "auto")
    assert "delete" not in str(error.value)


def test_a_combined_dataset_is_a_task_like_any_other() -> None:
    write_reach("my/one-v0")
    write_reach("my/two-v0", env=replace(SPEC, max_episode_steps=12))
    parts = [minari.load_dataset(f"my/{name}-v0") for name in ("one", "two")]
    minari.combine_datasets(parts, "my/both-v0")
    both = task_of_dataset("my/both-v0")
    assert (both.max_steps, both.env_id) == (12, replace(SPEC, max_episode_steps=12))
    assert prepare(both, info_of(both), "auto", print).metadata["episodes"] == 6


def test_a_dataset_that_is_not_there_is_downloaded(remote_folder: Path) -> None:
    env = gym.spec("AdroitHandDoor-v1").to_json()
    publish(remote_folder, env_spec=env)
    lines: list[str] = []
    assert absent_datasets([f"minari:{DOOR}", "minari:my/*", "maze2d-umaze"]) == [DOOR]
    with pytest.raises(UserError, match="--data local downloads nothing"):
        fetch_absent([f"minari:{DOOR}"], "local", lines.append)
    fetch_absent([f"minari:{DOOR}"], "auto", lines.append)
    assert lines == [f"{DOOR}: downloading"]
    (task,) = select_tasks(None, [f"minari:{DOOR}"])
    assert (task.name, task.max_steps) == ("d4rl-door-human-v2", 200)
    with pytest.raises(UserError, match="no dataset 'my/gone-v0' in .*cannot be downloaded"):
        fetch_absent(["minari:my/gone-v0"], "auto", lines.append)


def test_the_made_up_environment_is_a_sound_one() -> None:
    observation, _ = Reach().reset(seed=0)
    assert Reach().observation_space.contains(observation)


def test_agents_are_asked_for_the_best_return_and_scaled_by_the_largest() -> None:
    rewards = (np.full(6, -2.0), np.full(6, 0.5))  # Returns of -12 and 3.
    write("my/door-v0", *(door_episode(i, rewards=r) for i, r in enumerate(rewards)))
    task = task_of_dataset("my/door-v0")
    assert (task.target_return, task.return_scale) == (3.0, 12.0)
