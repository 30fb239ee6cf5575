"""Minari's own download, or OGBench's, with one clear line for whatever goes wrong."""

from __future__ import annotations

import os
from functools import cache

from benchmark.data.minari_folder import atomic_dataset, minari_root
from benchmark.data.ogbench_download import NAMESPACE, download_ogbench
from benchmark.data.stored import UPDATE
from benchmark.errors import DatasetError, one_line, with_type

_CONNECT_SECONDS = 10.0
_OTHER_VERSION = "installed version of Minari"  # In each message on data that it does not read.


def download(dataset_id: str) -> None:
    """Downloads a dataset from Minari's remote, or from the one that `MINARI_REMOTE` names.

    One of OGBench is downloaded by OGBench's package.

    Raises:
        DatasetError: if there is no network, the remote does not have the dataset, it needs
            another version of Minari, or it cannot be written; nothing is left behind then.
    """
    if dataset_id.startswith(f"{NAMESPACE}/"):
        download_ogbench(dataset_id)
        return
    problem = _no_network(os.environ.get("MINARI_REMOTE"))
    if problem is None:
        problem = _try_to_download(dataset_id)
    if problem is not None:
        way_out = (
            f"on a machine with network: minari download {dataset_id}; then copy the folder to "
            f"{minari_root()}"
        )
        if _OTHER_VERSION in problem:
            way_out = UPDATE
        raise DatasetError(f"{dataset_id} cannot be downloaded: {problem}", way_out)


def _try_to_download(dataset_id: str) -> str | None:
    import minari  # Brings Gymnasium, which a command that answers at once does without.

    try:
        with atomic_dataset(dataset_id):
            minari.download_dataset(dataset_id)
    except ValueError as error:  # Minari's way to say that an id or a version does not fit.
        return one_line(error)
    except DatasetError:
        raise
    except Exception as error:  # Remotes raise whatever their client libraries raise.
        return with_type(error)
    return None


@cache
def _no_network(remote: str | None) -> str | None:
    """Why Minari's default remote is out of reach, asked once in the life of a process.

    Its client would try for half a minute, for every dataset anew.
    """
    if remote is not None:
        return None
    from huggingface_hub import constants, get_session  # Takes long to import.

    if constants.HF_HUB_OFFLINE:
        return "no network: HF_HUB_OFFLINE is set"
    try:
        get_session().head(constants.ENDPOINT, timeout=_CONNECT_SECONDS)
    except Exception as error:
        return f"no network: {constants.ENDPOINT} cannot be reached ({one_line(error)})"
    return None
