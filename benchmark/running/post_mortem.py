"""The debugger at an agent's error, while the frames that raised it are still there."""

from __future__ import annotations

import inspect
import pdb
from pathlib import Path
from types import FrameType, TracebackType

from benchmark.agents.registry import agent_class
from benchmark.records.record import RunSpec


class AgentDebugger(pdb.Pdb):
    """pdb that opens in the agent's own code, not in the library that it has called last.

    Args:
        folder: of the agent's file; if no frame is of a file in it, the last frame is taken.

    Attributes:
        has_quit: whether the user has left it by `quit` or the end of input.
    """

    def __init__(self, folder: Path | None) -> None:
        super().__init__()
        self._folder = folder
        self.has_quit = False

    def get_stack(
        self, f: FrameType | None, t: TracebackType | None
    ) -> tuple[list[tuple[FrameType, int]], int]:
        """See `bdb.Bdb`: the frames, and the number of the one to begin in."""
        stack, last = super().get_stack(f, t)
        folders = [Path(frame.f_code.co_filename).resolve().parent for frame, _ in stack]
        own = [number for number, folder in enumerate(folders) if folder == self._folder]
        return stack, max(own, default=last)

    def do_quit(self, arg: str) -> bool | None:
        """See `pdb`."""
        self.has_quit = True
        return super().do_quit(arg)

    do_q = do_exit = do_quit

    def do_EOF(self, arg: str) -> bool | None:  # noqa: N802  The name is pdb's.
        """See `pdb`."""
        self.has_quit = True
        return super().do_EOF(arg)


def debug_error(run: RunSpec, error: BaseException) -> bool:
    """Opens the debugger where an error was raised.

    Args:
        run: that has failed.
        error: with its traceback.

    Returns:
        Whether the user has left it by `quit`, and wants no more runs.
    """
    print(
        f"{run.name} has failed; in the debugger: up and down move between frames, c goes on with "
        "the other runs, q ends here",
        flush=True,
    )
    debugger = AgentDebugger(_agent_folder(run))
    debugger.reset()
    debugger.interaction(None, error.__traceback__)
    return debugger.has_quit


def _agent_folder(run: RunSpec) -> Path | None:
    try:
        return Path(inspect.getfile(agent_class(run.source or run.agent))).resolve().parent
    except Exception:  # It may be the class that cannot be had.
        return None
