"""Ways to make the same calls of the library again, with new numbers: as they are, or played back.

A plan takes hundreds of small calls with the same shapes each time. At batch 1 it costs more to ask
for them from Python than to work them out, so they are recorded once and played back.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
from torch import Tensor

from mage.config import PLAYBACKS

Call = Callable[..., Tensor]

_PLAYED_TO_OPTIMISE = 2  # Torch looks at the first plays before it settles how to play.


def playable(call: Call, inputs: tuple[Tensor, ...], playback: str) -> Call:
    """A function like `call` for inputs of these shapes, on their device.

    Args:
        call: from tensors to one tensor; it makes the same calls for all numbers of these shapes.
        inputs: an example.
        playback: as in `MAGEConfig`.
    """
    return _PLAYERS[playback](call, inputs)


def _plain(call: Call, inputs: tuple[Tensor, ...]) -> Call:
    """Call by call, from Python."""
    return call


def _traced(call: Call, inputs: tuple[Tensor, ...]) -> Call:
    """The calls of one example, without Python; ready in a second.

    Deprecated, and kept as nothing else is both ready so soon and as fast: `torch.export` needs
    several times as long and plays from Python, and what is compiled needs minutes and a compiler
    (docs/performance.md has the figures).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        played: Call = torch.jit.trace(call, inputs, check_trace=False)
    for _ in range(_PLAYED_TO_OPTIMISE):
        played(*inputs)
    return played


def _compiled(call: Call, inputs: tuple[Tensor, ...]) -> Call:
    """Compiled, with small calls put into one; that needs a C++ compiler and a minute or more."""
    played: Call = torch.compile(call, dynamic=False)
    played(*inputs)
    return played


def _graph(call: Call, inputs: tuple[Tensor, ...]) -> Call:
    """All calls as one of the GPU, which reads its inputs where the first ones were."""
    if inputs[0].device.type != "cuda":
        return _traced(call, inputs)  # An agent that was trained on a GPU may act without one.
    kept = [one.clone() for one in inputs]
    # What the library prepares at a first call must not be captured (CUDA graphs in torch's notes).
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(_PLAYED_TO_OPTIMISE):
            call(*kept)
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = call(*kept)

    def played(*new: Tensor) -> Tensor:
        for place, one in zip(kept, new, strict=True):
            place.copy_(one)
        graph.replay()
        return result.clone()  # The next play writes over it.

    return played


_PLAYERS = dict(zip(PLAYBACKS, (_plain, _traced, _compiled, _graph), strict=True))
