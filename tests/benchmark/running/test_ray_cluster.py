"""What is asked of Ray: what a run needs, or the most that a machine has; never what none has."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ray.exceptions import WorkerCrashedError

from benchmark.errors import UserError
from benchmark.running import ray_cluster
from benchmark.running.compute import Needs
from benchmark.running.ray_cluster import (
    Machine,
    cluster_device,
    machines,
    own_gpu_gb,
    ray_resources,
    shares_gpus,
    smallest_gpu_gb,
)

GB = 2.0**30
SMALL, LARGE = Machine("small", 2, 4 * GB, 0), Machine("large", 16, 64 * GB, 0)
WITH_GPU = Machine("gpu", 4, 8 * GB, 1)


def test_machines_are_those_that_are_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = [
        {"NodeID": "a", "Alive": True, "Resources": {"CPU": 2.0, "memory": 5.0, "GPU": 0.5}},
        {"NodeID": "b", "Alive": False, "Resources": {"CPU": 9.0}},
        {"NodeID": "c", "Alive": True, "Resources": {"node:c": 1.0}},
    ]
    monkeypatch.setattr(ray_cluster, "_nodes", lambda: nodes)
    assert machines() == [Machine("a", 2.0, 5.0, 0.5), Machine("c", 0.0, 0.0, 0.0)]


@pytest.mark.parametrize(
    ("device", "without", "given"),
    [
        *(("auto", "cpu", "auto"), ("cpu", "cpu", "cpu")),
        *(("cuda:1", "cuda:1", "cuda:1"), ("mps", "mps", "mps")),
    ],
)
def test_a_device_is_left_to_the_machines_of_a_cluster(
    device: str, without: str, given: str
) -> None:
    assert cluster_device(device, [SMALL]) == without
    assert cluster_device(device, [SMALL, WITH_GPU]) == given


def test_a_gpu_that_ray_does_not_have_is_refused() -> None:
    assert cluster_device("cuda", [SMALL, WITH_GPU]) == "cuda"
    with pytest.raises(UserError, match="no machine of the Ray cluster has a GPU .*; valid: auto"):
        cluster_device("cuda", [SMALL, LARGE])


def test_only_a_gpu_that_is_given_without_a_number_is_for_ray_to_share() -> None:
    assert [shares_gpus(name) for name in ("auto", "cuda")] == [True] * 2
    assert [shares_gpus(name) for name in ("cpu", "cuda:0", "mps")] == [False] * 3


def test_resources_are_what_is_needed() -> None:
    assert ray_resources(Needs(3, 1.5), [LARGE]) == {"CPU": 3.0, "memory": 1.5 * GB}


def test_resources_are_never_more_than_there_is() -> None:
    greedy = Needs(threads=10_000, memory_gb=1e6)
    assert ray_resources(greedy, [SMALL]) == {"CPU": 2, "memory": 4 * GB}
    assert ray_resources(greedy, [SMALL, LARGE]) == {"CPU": 16, "memory": 64 * GB}
    assert ray_resources(greedy, [SMALL, LARGE, WITH_GPU], gpu=True) == {
        **{"CPU": 4, "memory": 8 * GB, "GPU": 1.0}
    }


def test_resources_are_those_of_one_machine() -> None:
    cores, memory = Machine("a", 16, GB, 0), Machine("b", 1, 32 * GB, 0)
    assert ray_resources(Needs(8, 8), [cores, memory]) == {"CPU": 8, "memory": GB}
    assert ray_resources(Needs(1, 8), [cores, memory]) == {"CPU": 1, "memory": 8 * GB}


@pytest.mark.parametrize(
    ("cluster", "gpu", "message"),
    [
        ([], False, "has a core and memory for a run; Ray has: no machine"),
        ([Machine("head", 0, GB, 0)], False, "Ray has: 0 cores, 1.0 GiB, 0 GPUs; add a machine"),
        ([LARGE], True, "has a core, memory and 1 of a GPU for a run; Ray has: 16 cores"),
        ([Machine("part", 4, GB, 0.5)], True, "Ray has: 4 cores, 1.0 GiB, 0.5 GPUs"),
    ],
)
def test_what_no_machine_has_is_refused(cluster: list[Machine], gpu: bool, message: str) -> None:
    with pytest.raises(UserError, match=f"no machine of Ray .*{message}"):
        ray_resources(Needs(), cluster, gpu=gpu)


@pytest.mark.parametrize(
    ("gpu_gb", "needed", "share"),
    [
        *((80.0, 4.0, 0.05), (16.0, 4.0, 0.25), (2.0, 4.0, 1.0), (4.0, 4.0, 1.0)),
        # Upwards in hundredths: 4 / 7 is 0.571; 10 / 80 is 0.125.
        *((7.0, 4.0, 0.58), (80.0, 10.0, 0.13), (None, 0.1, 1.0)),
    ],
)
def test_runs_share_a_gpu_by_its_memory(gpu_gb: float | None, needed: float, share: float) -> None:
    needs = Needs(gpu_memory_gb=needed)
    assert ray_resources(needs, [WITH_GPU], gpu_gb, gpu=True)["GPU"] == share


def test_every_run_fits_the_smallest_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = [80.0, 3.0]
    monkeypatch.setattr("torch.cuda.device_count", lambda: len(sizes))
    monkeypatch.setattr(
        "torch.cuda.get_device_properties",
        lambda number: SimpleNamespace(total_memory=sizes[number] * GB),
    )
    assert own_gpu_gb() == 3.0
    sizes.clear()
    assert own_gpu_gb() is None


def test_the_gpus_of_a_cluster_are_looked_at_on_its_machines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []
    values = (24.0, None, WorkerCrashedError())
    answers: dict[str, Any] = {f"{number:056x}": value for number, value in enumerate(values)}

    def options(scheduling_strategy: Any) -> Any:
        asked.append(scheduling_strategy.node_id)
        return SimpleNamespace(remote=lambda: scheduling_strategy.node_id)

    def get(name: str) -> Any:
        if isinstance(answers[name], Exception):
            raise answers[name]
        return answers[name]

    probe = SimpleNamespace(options=options)
    monkeypatch.setattr(ray_cluster.ray, "remote", lambda **resources: lambda function: probe)
    monkeypatch.setattr(ray_cluster.ray, "wait", lambda all_of_them, **how: (all_of_them, []))
    monkeypatch.setattr(ray_cluster.ray, "get", get)
    cluster = [Machine(name, 1, GB, 1) for name in answers]
    assert smallest_gpu_gb([SMALL, *cluster]) == 24.0
    assert asked == list(answers), "those that Ray says have one"
    assert smallest_gpu_gb(cluster[1:]) is None
