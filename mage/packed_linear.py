"""Linear maps with weights in 16 bits, packed once: half as much to read when acting on a CPU.

A plan passes through the transformer once for each scale, over few tokens, so that most of its time
goes into reading weights. Rounded to fp16 they are more exact than in bf16, which training may use.
The products are those of FBGEMM (Khudia et al. 2021), which torch contains for x86 processors:
they convert a weight as it is read, and multiply and add in fp32.

Int8 was tried: a fifth less time again, but one token in five differs, so the plans are others.

Names end in their shape: N rows, I inputs, O outputs.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_FEW = 64  # Rows. More take longer to multiply than to read weights for, and torch is faster then.
_LARGEST = torch.finfo(torch.float16).max


def round_weights(module: nn.Module) -> None:
    """Rounds the weights of all linear maps within to fp16, and keeps them in fp32."""
    for part in module.modules():
        if isinstance(part, nn.Linear):
            part.weight.data = part.weight.data.clamp(-_LARGEST, _LARGEST).half().float()


def can_pack() -> bool:
    """Whether torch has packed weights for this processor."""
    return "fbgemm" in torch.backends.quantized.supported_engines


def pack_weights(module: nn.Module) -> None:
    """Puts a `PackedLinear` in the place of each linear map within.

    Args:
        module: on the CPU, with weights as `round_weights` leaves them.
    """
    for name, part in list(module.named_children()):
        if isinstance(part, nn.Linear):
            setattr(module, name, PackedLinear(part))
        else:
            pack_weights(part)


class PackedLinear(nn.Module):
    """What a linear map gives, but for the order of its sums; to be recorded, not exported.

    Args:
        linear: on the CPU, its weights rounded to fp16.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self._linear = linear.requires_grad_(False)
        # The same in bare operations as `torch.ao.nn.quantized.dynamic.Linear`, whose package is
        # deprecated; they are not.
        self._packed: Any = torch.ops.quantized.linear_prepack_fp16(linear.weight, linear.bias)

    def forward(self, x_NI: Tensor) -> Tensor:
        """Outputs (N, O)."""
        if len(x_NI) > _FEW:
            return F.linear(x_NI, self._linear.weight, self._linear.bias)
        outputs_NO: Tensor = torch.ops.quantized.linear_dynamic_fp16(x_NI, self._packed)
        return outputs_NO
