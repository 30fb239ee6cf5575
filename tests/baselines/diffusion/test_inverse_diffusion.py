"""Inverse dynamics by diffusion: what it reads, what it learns, what it draws."""

from __future__ import annotations

import pytest
import torch

from baselines.diffusion.inverse_diffusion import ActionDenoiser, InverseDiffusion

# Two states of three numbers for each of two pairs.
PAIRS = torch.tensor([[[1.0, 2, 3], [4, 6, 8]], [[0, 0, 1], [1, 1, 1]]])


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


class Listens:
    """In the place of a network: says what it is told to, and keeps what it is given."""

    def __init__(self, answer) -> None:
        self.answer, self.heard = answer, []

    def __call__(self, actions, levels, states):
        self.heard.append((actions.clone(), levels, states))
        return self.answer(actions, levels)


@pytest.mark.parametrize(
    ("columns", "seen"),
    [
        ((), [[1, 2, 3, 4, 6, 8], [0, 0, 1, 1, 1, 1]]),
        ((0, 1), [[0, 0, 3, 3, 4, 8], [0, 0, 1, 1, 1, 1]]),
        ((2,), [[1, 2, 0, 4, 6, 5], [0, 0, 0, 1, 1, 0]]),
    ],
)
def test_of_places_only_the_way_from_one_to_the_other_is_told(columns, seen):
    network = Listens(lambda actions, levels: torch.zeros_like(actions))
    before = PAIRS.clone()
    InverseDiffusion(2, 0.5, columns, "cpu").sample(network, PAIRS, 2, _generator())
    assert network.heard[0][2].tolist() == seen
    assert torch.equal(PAIRS, before), "the plan itself stays as it is"


def test_it_learns_the_noise_in_recorded_actions():
    actions = torch.full((4000, 1), 0.5)
    network = Listens(lambda noisy, levels: torch.zeros_like(noisy))
    inverse = InverseDiffusion(4, 0.5, (), "cpu")
    loss = inverse.loss(network, torch.zeros(4000, 2, 3), actions, _generator())
    assert loss.item() == pytest.approx(1, abs=0.1), "the variance of the noise"
    ((noisy, levels, states),) = network.heard
    assert set(levels.tolist()) == {0, 1, 2, 3} and states.shape == (4000, 6)
    for level, kept in enumerate(inverse._schedule.alphas_cumprod.tolist()):
        drawn = noisy[levels == level]
        assert drawn.mean().item() == pytest.approx(0.5 * kept**0.5, abs=0.08)
        assert drawn.std().item() == pytest.approx((1 - kept) ** 0.5, abs=0.08)


def test_denoising_goes_down_all_levels_from_noise_of_a_temperature():
    network = Listens(lambda actions, levels: torch.zeros_like(actions))
    pairs = torch.zeros(3000, 2, 3)
    for temperature in (0.0, 0.5):
        network.heard.clear()
        InverseDiffusion(5, temperature, (), "cpu").sample(network, pairs, 1, _generator())
        assert [levels[0].item() for _, levels, _ in network.heard] == [4, 3, 2, 1, 0]
        assert network.heard[0][0].std().item() == pytest.approx(temperature, abs=0.05)


def test_what_the_network_knows_is_what_is_drawn():
    inverse = InverseDiffusion(10, 0.5, (), "cpu")
    kept = inverse._schedule.alphas_cumprod
    # Noise as it is in an action of 0.25.
    network = Listens(
        lambda noisy, levels: (
            (noisy - 0.25 * kept[levels, None] ** 0.5) / (1 - kept[levels, None]) ** 0.5
        )
    )
    actions = inverse.sample(network, PAIRS, 2, _generator())
    torch.testing.assert_close(actions, torch.full((2, 2), 0.25), atol=1e-3, rtol=0)


def test_a_generator_says_which_action_is_drawn():
    torch.manual_seed(0)
    network, inverse = ActionDenoiser(2, 3, 8), InverseDiffusion(3, 1.0, (), "cpu")
    drawn = [
        inverse.sample(network, PAIRS, 2, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    ]
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    assert drawn[0].abs().max() <= 1


def test_the_network_reads_actions_levels_and_both_states():
    torch.manual_seed(0)
    network = ActionDenoiser(2, 3, 8)
    given = (torch.zeros(1, 2), torch.tensor([1]), torch.zeros(1, 6))
    others = (torch.ones(1, 2), torch.tensor([7]), torch.eye(6)[3:4])
    for place, other in enumerate(others):
        changed = [*given[:place], other, *given[place + 1 :]]
        assert not torch.allclose(network(*given), network(*changed))
    widths = [layer.out_features for layer in network.layers if hasattr(layer, "out_features")]
    assert widths == [8, 8, 8, 2]
