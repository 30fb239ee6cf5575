"""What the machines of a Ray have, and what is asked of them for a run: never what none can give.

Ray waits without a word, and for ever, for what no machine has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from benchmark.errors import UserError
from benchmark.running.compute import Needs

_PROBE_SECONDS = 120.0  # For the start of a process that imports torch, on a machine under load.


@dataclass(frozen=True)
class Machine:
    """One machine of a cluster, as far as Ray hands it out.

    Attributes:
        node: Ray's name of it.
        cores: for runs.
        memory: bytes of main memory.
        gpus: that Ray hands out.
    """

    node: str
    cores: float
    memory: float
    gpus: float


_nodes: Callable[[], list[dict[str, Any]]] = ray.nodes  # Ray's own has no types.


def machines() -> list[Machine]:
    """The machines that the Ray of this process has now, other jobs' shares included."""
    resources = [(node["NodeID"], node["Resources"]) for node in _nodes() if node["Alive"]]
    return [
        Machine(name, has.get("CPU", 0.0), has.get("memory", 0.0), has.get("GPU", 0.0))
        for name, has in resources
    ]


def cluster_device(device: str, cluster: Sequence[Machine]) -> str:
    """The device that runs are given on a cluster; what is left at `auto` they decide themselves.

    Args:
        device: what the user asked for.
        cluster: its machines.

    Raises:
        UserError: if a GPU is asked for that Ray does not have.
    """
    with_gpu = any(machine.gpus for machine in cluster)
    if device == "cuda" and not with_gpu:
        raise UserError(
            "no machine of the Ray cluster has a GPU that Ray hands out, as --device cuda asks; "
            "valid: auto, cpu; start Ray with --num-gpus on a machine that has some"
        )
    return "cpu" if device == "auto" and not with_gpu else device


def shares_gpus(device: str) -> bool:
    """Whether Ray hands out GPUs for a device; one that is given by number is not Ray's to give."""
    return device in ("auto", "cuda")


def smallest_gpu_gb(cluster: Sequence[Machine]) -> float | None:
    """Memory of the smallest GPU of a cluster, as torch sees it on each machine; None if nowhere.

    Which GPU a run gets is decided by Ray, so that it must fit the smallest.
    """
    probe = ray.remote(num_cpus=0, max_retries=0)(own_gpu_gb)
    answers = [
        probe.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(machine.node, soft=False)
        ).remote()
        for machine in cluster
        if machine.gpus
    ]
    ready, _ = ray.wait(answers, num_returns=len(answers), timeout=_PROBE_SECONDS)
    return min((size for size in map(_answer, ready) if size is not None), default=None)


def _answer(answer: Any) -> float | None:
    try:
        size: float | None = ray.get(answer)
    except RayError:  # A machine on which nothing runs; its runs will say why.
        return None
    return size


def own_gpu_gb() -> float | None:
    """Memory of the smallest GPU of this machine, as torch sees it; None if it sees none."""
    import torch  # Not needed without a GPU.

    sizes = [
        torch.cuda.get_device_properties(number).total_memory / 2**30
        for number in range(torch.cuda.device_count())
    ]
    return min(sizes, default=None)


def ray_resources(
    needs: Needs, cluster: Sequence[Machine], gpu_gb: float | None = None, *, gpu: bool = False
) -> dict[str, float]:
    """What Ray sets aside for a run: what it needs, or the most that a machine has.

    Args:
        needs: of the run.
        cluster: the machines.
        gpu_gb: memory of a GPU; None if unknown, and a run then has one for itself.
        gpu: whether it takes a share of one.

    Raises:
        UserError: if no machine has anything for it.
    """
    # In whole hundredths, upwards: what is left over is of no use to anybody.
    share = min(1.0, -(-100 * needs.gpu_memory_gb // gpu_gb) / 100) if gpu_gb else 1.0
    able = [machine for machine in cluster if machine.cores and machine.memory >= 1]
    able = [machine for machine in able if not gpu or machine.gpus >= share]
    if not able:
        what = f"a core, memory and {share:g} of a GPU" if gpu else "a core and memory"
        has = ", ".join(
            f"{machine.cores:g} cores, {machine.memory / 2**30:.1f} GiB, {machine.gpus:g} GPUs"
            for machine in cluster
        )
        raise UserError(
            f"no machine of Ray has {what} for a run; Ray has: {has or 'no machine'}; add a "
            "machine, or leave --address out to run on this one"
        )
    memory = needs.memory_gb * 2**30
    cores, memory = max(
        (min(machine.cores, float(needs.threads)), min(machine.memory, memory)) for machine in able
    )
    return {"CPU": cores, "memory": float(int(memory)), **({"GPU": share} if gpu else {})}
