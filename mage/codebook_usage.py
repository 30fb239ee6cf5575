"""How well the codebook is used, scale by scale.

Names end in their shape: B windows, T tokens of all scales, K scales, V codes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

# A code that was drawn once and then not for a hundred batches counts as unused, with this fading.
FADING = 0.98
_LEAST_COUNT = 0.13


class CodebookUse:
    """How often each code was drawn at each scale.

    Args:
        scales: tokens per scale.
        codes: V.
        device: of the tokens.
    """

    def __init__(self, scales: Sequence[int], codes: int, device: torch.device) -> None:
        scale_T = torch.repeat_interleave(torch.arange(len(scales)), torch.tensor(scales))
        self._offsets_T = (codes * scale_T).to(device)
        self.counts_KV = torch.zeros(len(scales), codes, device=device)

    def add(self, tokens_BT: Tensor, real_BT: Tensor, fading: float = 1.0) -> None:
        """Counts the tokens of more windows.

        Args:
            tokens_BT: codes drawn.
            real_BT: the share of each token that is no padding; those of padding alone say nothing,
                and do not count.
            fading: by which what was counted before is multiplied.
        """
        places = (tokens_BT + self._offsets_T)[real_BT > 0]
        counts = torch.bincount(places, minlength=self.counts_KV.numel())
        self.counts_KV.mul_(fading).add_(counts.view_as(self.counts_KV))

    def metrics(self) -> dict[str, Callable[[], float]]:
        """Share of codes in use and perplexity, of all scales together and of scale 1 to K.

        A perplexity of n means that tokens are as varied as n codes that are equally likely.
        Each is worked out when it is called.
        """
        metrics: dict[str, Callable[[], float]] = {}
        names = ["", *(f"_{scale + 1}" for scale in range(len(self.counts_KV)))]
        for name, scale in zip(names, [None, *range(len(self.counts_KV))], strict=True):
            metrics[f"codebook_use{name}"] = partial(self._use, scale)
            metrics[f"codebook_perplexity{name}"] = partial(self._perplexity, scale)
        return metrics

    def _counts(self, scale: int | None) -> Tensor:
        return self.counts_KV.sum(0) if scale is None else self.counts_KV[scale]

    def _use(self, scale: int | None) -> float:
        return float((self._counts(scale) > _LEAST_COUNT).float().mean())

    def _perplexity(self, scale: int | None) -> float:
        counts_V = self._counts(scale)
        return float(torch.special.entr(counts_V / counts_V.sum()).sum().exp())
