"""How an agent that asks by a `ReturnRequest` may be asked for another return."""

from __future__ import annotations

import numpy as np
import torch

from benchmark.interface import FloatArray
from mage.returns.return_request import ReturnRequest

_ADVANTAGES = (-1.0, 0.0, 0.5, 1.0, 1.5, 2.0)
_SHARES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)


class AskedAgent:
    """Keeps `benchmark.interface.ReturnConditioned` for a subclass that has a `_request`."""

    _request: ReturnRequest

    @property
    def asking_levels(self) -> tuple[float, ...]:
        """Advantages of a return in its state, or shares of the target where that is asked for."""
        return _SHARES if self._request.asks_for_target else _ADVANTAGES

    @property
    def asking_unit(self) -> str:
        """What the levels are."""
        return "share of the target return" if self._request.asks_for_target else "advantage"

    @property
    def requested_discount(self) -> float:
        """Factor per step of the returns that it is asked."""
        return self._request.discount

    def ask_for(self, level: float | None) -> None:
        """Asks for a level from the next `reset` on; None for what the settings say."""
        self._request.ask_for(level)

    @torch.inference_mode()
    def requested_returns(self) -> FloatArray:
        """What the last call of `act` was asked to bring: (n,) in task units."""
        requested: FloatArray = self._request.requested_returns()[:, 0].cpu().numpy()
        return requested.astype(np.float32)
