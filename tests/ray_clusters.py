"""Ray clusters of several machines that are all this one, on a busy machine too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmark.running.ray_session import _STARTS, _end_processes


@contextmanager
def cluster_of_one_core(monkeypatch: Any) -> Iterator[Any]:
    """A `ray.cluster_utils.Cluster` with one machine, ended at the end."""
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_AUTH_TOKEN", "0" * 64)
    cluster = patiently(lambda: Cluster(initialize_head=True, head_node_args={"num_cpus": 1}))
    try:
        yield cluster
    finally:
        cluster.shutdown()


def patiently(start: Callable[[], Any]) -> Any:
    """Starts something of Ray, again if its processes took longer than Ray's 30 s."""
    for left in reversed(range(_STARTS)):
        try:
            return start()
        except Exception as error:
            if not left or "timed out" not in str(error):
                raise
            _end_processes(error)
    return None
