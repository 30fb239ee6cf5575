"""MAGE's formulas as the paper states them, in plain loops over numpy arrays of float64.

For one window: L latent positions, C numbers of a code, l tokens of one scale, T of all, W numbers
of an embedded token.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mage.model.planner import Planner
from mage.model.quantizer import MultiScaleQuantizer

Floats = NDArray[np.float64]


def array(tensor: torch.Tensor) -> Floats:
    return tensor.detach().numpy().astype(np.float64)


def down(latent: Floats, length: int) -> Floats:
    """(l, C): the mean of the positions that each token covers, if only in part."""
    whole = len(latent)
    starts = [place * whole // length for place in range(length)]
    ends = [math.ceil((place + 1) * whole / length) for place in range(length)]
    return np.array([latent[start:end].mean(0) for start, end in zip(starts, ends, strict=True)])


def up(codes: Floats, length: int) -> Floats:
    """(L, C): on straight lines between the middles of the tokens, level beyond the outer ones."""
    middles = (np.arange(len(codes)) + 0.5) * length / len(codes) - 0.5
    return np.array([np.interp(np.arange(length), middles, column) for column in codes.T]).T


def added(quantizer: MultiScaleQuantizer, codes: Floats, scale: int) -> Floats:
    """z_k (L, C): half interpolated, half mended by the scale's own convolution of width 3."""
    plain = up(codes, quantizer.length)
    weight, bias = array(quantizer.mend[scale].weight), array(quantizer.mend[scale].bias)
    padded = np.pad(plain, ((1, 1), (0, 0)))
    mended = [
        sum(weight[:, :, tap] @ padded[place + tap] for tap in range(3)) + bias
        for place in range(len(plain))
    ]
    return 0.5 * plain + 0.5 * np.array(mended)


def quantise(quantizer: MultiScaleQuantizer, latent: Floats) -> tuple[list[int], list[Floats]]:
    """The tokens, and the residual that each scale leaves."""
    codebook, rest = array(quantizer.codebook.weight), latent
    tokens: list[int] = []
    left = []
    for scale, length in enumerate(quantizer.scales):
        new = [int(((codebook - vector) ** 2).sum(1).argmin()) for vector in down(rest, length)]
        rest = rest - added(quantizer, codebook[new], scale)
        tokens += new
        left.append(rest)
    return tokens, left


def latent_of(quantizer: MultiScaleQuantizer, tokens: list[int], scales: int = 99) -> Floats:
    """The sum of z_k over the first scales."""
    codebook, total, start = array(quantizer.codebook.weight), np.zeros(()), 0
    for scale, length in list(enumerate(quantizer.scales))[:scales]:
        total = total + added(quantizer, codebook[tokens[start : start + length]], scale)
        start += length
    return total


def linear(layer: Any, x: Floats) -> Floats:
    return np.array(x @ array(layer.weight).T + array(layer.bias))


def normal(layer: Any, x: Floats) -> Floats:
    """Layer normalisation."""
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
    return np.array(scaled * array(layer.weight) + array(layer.bias))


def silu(x: Floats) -> Floats:
    return np.array(x / (1 + np.exp(-x)))


def block(layers: Any, x: Floats, scales: tuple[int, ...], heads: int) -> Floats:
    """Attention of each token to those of its own scale and of coarser ones; a feed-forward."""
    queries, keys, values = np.split(
        linear(layers.queries_keys_values, normal(layers.before_attention, x)), 3, axis=1
    )
    size, merged = x.shape[1] // heads, np.zeros_like(x)
    ends = np.repeat(np.cumsum(scales), scales)  # Of what each token may see.
    for token, end in enumerate(ends):
        for head in range(heads):
            own = slice(head * size, (head + 1) * size)
            scores = keys[:end, own] @ queries[token, own] / math.sqrt(size)
            weights = np.exp(scores) / np.exp(scores).sum()
            merged[token, own] = weights @ values[:end, own]
    x = x + linear(layers.project, merged)
    before, widen, _, narrow = layers.feed_forward
    return np.array(x + linear(narrow, silu(linear(widen, normal(before, x)))))


def logits(planner: Planner, condition: Floats, tokens: list[int]) -> Floats:
    """(T, V): what the transformer says of each token, given (s_0, R_0, advantage, 1) and the rest.

    The last three are 0 where no return is asked for.
    """
    transformer, quantizer = planner.transformer, planner.autoencoder.quantizer
    scales = quantizer.scales
    first, _, second = transformer.embed_condition
    seen_later = condition.copy()
    if not planner.config.return_at_finer_scales:
        seen_later[-3:] = 0
    embedded, later = (
        linear(second, silu(linear(first, numbers))) for numbers in (condition, seen_later)
    )
    rows = [np.tile(embedded, (scales[0], 1))]
    for scale, length in list(enumerate(scales))[1:]:
        seen = linear(transformer.embed_codes, down(latent_of(quantizer, tokens, scale), length))
        rows.append(seen + later)
    x = np.concatenate(rows) + array(transformer.places_TW)
    for layers in transformer.blocks:
        x = block(layers, x, scales, planner.config.heads)
    return linear(transformer.head[1], normal(transformer.head[0], x))


def perceptron(layers: Any, x: Floats) -> Floats:
    """Linear maps with what is below 0 cut off between them."""
    for layer in list(layers)[:-1:2]:
        x = np.maximum(linear(layer, x), 0)
    return linear(layers[-1], x)
