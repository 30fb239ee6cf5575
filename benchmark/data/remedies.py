"""What to say of data that is there and cannot be used, and what to do about it."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator

from benchmark.data.checks import BadDataError
from benchmark.data.minari_folder import folder_of
from benchmark.errors import BadDatasetError, is_of_machine, one_line, with_type
from benchmark.tasks import Task

_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
_IN_USE = (errno.EAGAIN, errno.EBUSY, errno.EDEADLK)


@contextlib.contextmanager
def bad_dataset(task: Task, dataset_id: str) -> Iterator[None]:
    """Answers whatever reading raises with one line that has a remedy.

    Deleting is advised only where data can be had again, by download or by a recipe.

    Args:
        task: that is to be learned from the dataset.
        dataset_id: of the dataset that is read meanwhile.

    Raises:
        BadDatasetError: for any other error.
    """
    name, folder = f"dataset {dataset_id}, for {task.name},", folder_of(dataset_id)
    other = f"put a sound copy there, or choose other data: --dataset {task.name}=ID"
    if dataset_id in task.recipes:
        other = f"delete {folder}, and it is collected again"
    again = other
    if dataset_id == task.dataset and task.source is None:  # A user's own may be nowhere else.
        again = f"delete {folder}, and it is downloaded again"
    try:
        yield
    except BadDataError as error:
        raise BadDatasetError(f"{name} {error}", error.remedy or other) from error
    except MemoryError as error:
        raise BadDatasetError(
            f"{name} needs more memory than there is ({one_line(error)})",
            "free some, or run fewer workers",
        ) from error
    except ImportError as error:  # Minari's formats have packages of their own.
        problem = f"needs a package that is not installed ({one_line(error)})"
        raise BadDatasetError(f"{name} {problem}", "install it, and run the same again") from error
    except OSError as error:
        if not is_of_machine(error):
            raise BadDatasetError(f"{name} is damaged ({one_line(error)})", again) from error
        raise BadDatasetError(f"{name} {_trouble(error)}", "then run the same again") from error
    except Exception as error:  # Files of others, and what reads them, raise anything.
        problem = f"is damaged ({with_type(error)})"
        raise BadDatasetError(f"{name} {problem}", again) from error


def _trouble(error: OSError) -> str:
    """Why the machine does not let a file be read that is all right itself."""
    if error.errno in _IN_USE:
        return f"is in use by another process ({one_line(error)}); wait for it or end it"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"may not be read ({one_line(error)}); allow it (chmod, chown)"
    if error.errno in _NO_LOCKS:
        words = "lies on a disk that knows no locks"
        return f"{words} ({one_line(error)}); set HDF5_USE_FILE_LOCKING=FALSE"
    return f"cannot be read on this machine ({one_line(error)}); put that right"
