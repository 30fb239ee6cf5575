"""What the commands about one trained agent have in common: how it is named, where files go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.errors import UserError

TrainedArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="Folder of a trained agent, .../seed-0, or its URL.")
]
EpisodeSeedOption = Annotated[
    int | None, typer.Option(help="Seed of the episode [default: the evaluation's first].", min=0)
]


def output_file(run: str, out: Path | None, default: str) -> Path:
    """Where a file that is made of a trained agent goes.

    Args:
        run: folder of the agent, or its URL.
        out: what the user says.
        default: where it goes otherwise, with RUN for the folder.

    Raises:
        UserError: where RUN is a URL, and the user says nothing.
    """
    if out is not None:
        return out
    if "://" in run:
        name = Path(default).name.replace("RUN", "policy")
        raise UserError(f"{run} is a URL: say where the file is to go, such as --out {name}")
    folder = Path(run)
    if folder.name in ("", ".."):  # Such as `.`: the file is to lie beside it, too.
        folder = folder.resolve()
    return Path(default.replace("RUN", str(folder)))
