"""Windows stay inside their episode, and hold what they should: known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.interface import Dataset
from mage.config import MAGEConfig
from mage.model.planner import Planner
from mage.windows import Windows

# Discounted by a half, from each of the rows to the end of its episode.
RETURNS = [1.25, 0.5, 1.0, 2.0, 4.0, 8.25, 0.5, 1.0, 2.0]
DEVIATION = 7.5**0.5  # Of the numbers 0 to 8: 2 (16 + 9 + 4 + 1) / (9 - 1).


def _counting_dataset() -> Dataset:
    """Episodes of 5 and 4 steps whose observation is the row number."""
    rows = np.arange(9, dtype=np.float32)
    return Dataset(
        observations=rows[:, None],
        actions=10 * rows[:, None],
        rewards=np.array([1, 0, 0, 0, 4, 8, 0, 0, 2], np.float32),
        terminals=rows == 4,
        timeouts=rows == 8,
    )


def _planner_and_windows(**settings: object) -> tuple[Planner, Windows]:
    config = MAGEConfig(pairs=4, stride=2, scales=(1, 2), **settings)  # type: ignore[arg-type]
    planner = Planner(config, 1, 1)
    windows = Windows(_counting_dataset(), config, 0.5, torch.device("cpu"))
    windows.normalise(planner)
    return planner, windows


def _windows(**settings: object) -> Windows:
    return _planner_and_windows(**settings)[1]


def test_windows_end_with_their_episode_and_hold_padding_from_there_on() -> None:
    windows, rows = _windows(sequence=("action",)), torch.arange(9)
    cut = windows.cut(rows)[..., 0] / 10
    assert cut.tolist() == [
        *([0, 2, 4, 0], [1, 3, 0, 0], [2, 4, 0, 0], [3, 0, 0, 0], [4, 0, 0, 0]),
        *([5, 7, 0, 0], [6, 8, 0, 0], [7, 0, 0, 0], [8, 0, 0, 0]),
    ]
    real = windows.real(rows)
    assert torch.equal(cut != 0, (real > 0) & (cut != 0)) and real.dtype == torch.float32
    assert real.sum(1).tolist() == [3, 2, 2, 1, 1, 2, 2, 1, 1]
    assert real[0].tolist() == [1, 1, 1, 0]


def test_returns_are_continued_by_the_return_model_where_settings_say_so() -> None:
    planner, windows = _planner_and_windows(bootstrap_steps=2)
    model, normaliser = planner.returns, planner.return_normaliser
    high_N1 = model.high_return(windows.observations_NS).minimum(model.largest)
    later = normaliser.inverse(high_N1).detach()[:, 0]
    windows.label(planner)
    # Discounted by a half: two rewards, and a quarter of what is high two steps later; row 3 is one
    # step before a terminal.
    expected = torch.tensor([[1 + later[2] / 4], [2.0], [8 + later[7] / 4]])
    rows = torch.tensor([0, 3, 5])
    torch.testing.assert_close(windows.returns_N1[rows], normaliser(expected))
    assert torch.equal(windows.cut(rows)[:, 0, 0], windows.returns_N1[rows, 0]), "windows too"


def test_noise_moves_where_a_window_starts_and_nothing_else() -> None:
    windows, rows = _windows(sequence=("observation",), start_noise=0.5), torch.tensor([0, 5, 8])
    moved = torch.tensor([[0.25], [-1.0], [2.0]])
    plain, noisy = windows.cut(rows), windows.cut(rows, moved)
    first = windows.observations_NS[rows]
    # The first step is where the window starts, the others are relative to it.
    difference = windows._difference
    assert difference is not None
    steps = difference.inverse(noisy, first + moved)
    real = windows.real(rows) > 0
    assert torch.allclose(steps[:, 0], first + moved, atol=1e-6)
    assert torch.allclose(
        steps[:, 1:][real[:, 1:]], difference.inverse(plain, first)[:, 1:][real[:, 1:]], atol=1e-6
    )
    assert torch.equal(noisy[~real], torch.zeros_like(noisy[~real]))
    condition, before = windows.condition(rows, moved), windows.observations_NS.clone()
    assert torch.equal(condition.observation_BS, first + moved)
    assert torch.equal(condition.return_B1, windows.returns_N1[rows])
    assert torch.equal(windows.observations_NS, before), "what was recorded stays"


def test_noise_is_a_share_of_how_far_windows_lead() -> None:
    assert _windows().start_noise(5) is None
    assert _windows(start_noise=0.5, sequence=("return", "observation")).start_noise(5) is not None
    windows = _windows(start_noise=0.5)
    difference = windows._difference
    assert difference is not None
    difference.deviation[1:, 0] = torch.tensor([3.0, 4.0, 12.0])  # Their mean square is 169 / 3.
    expected = 0.5 * (169 / 3) ** 0.5
    noise, again = (windows.start_noise(4000, torch.Generator().manual_seed(0)) for _ in range(2))
    assert noise is not None and again is not None and torch.equal(noise, again)
    assert noise.shape == (4000, 1) and noise.std().item() == pytest.approx(expected, rel=0.05)


def test_later_rows_are_all_alike_likely_as_far_as_their_episode_goes() -> None:
    """Episodes end at rows 4 and 8."""
    torch.manual_seed(0)
    windows = _windows()
    for row, expected in {0: [0, 1, 2], 3: [3, 4], 4: [4], 5: [5, 6, 7], 8: [8]}.items():
        drawn, counts = windows.later(torch.full((3000,), row), 3).unique(return_counts=True)
        assert drawn.tolist() == expected
        assert counts.tolist() == pytest.approx([3000 / len(expected)] * len(expected), rel=0.1)


def test_what_lies_where_a_window_holds_padding_changes_no_loss() -> None:
    """From row 7 a window holds nothing else: row 8 is its episode's last, and it looks at 9."""
    planner, windows = _planner_and_windows()
    rows, losses = torch.tensor([7, 3]), []
    for filler in (0.0, 70.0):
        windows._steps_ND[[4, 8]] = filler
        planner.zero_grad()
        real = windows.real(rows)
        result = planner.autoencoder(windows.cut(rows), real)
        result.loss.backward()
        slopes = [weight.grad.clone() for weight in planner.autoencoder.parameters()]
        losses.append([result.loss, result.reconstruction, result.quantised.tokens_BT, *slopes])
    for one, other in zip(*losses, strict=True):
        assert torch.equal(one, other)


def test_a_window_looks_at_the_steps_that_the_settings_say() -> None:
    config = MAGEConfig(pairs=3, stride=2, scales=(1,), sequence=("action",))
    windows = Windows(_counting_dataset(), config, 0.5, torch.device("cpu"))
    windows.normalise(Planner(config, 1, 1))
    assert windows.cut(torch.tensor([0]))[0, :, 0].tolist() == [0, 20, 40]
    assert windows.real(torch.tensor([0, 4, 5])).tolist() == [[1, 1, 1], [1, 0, 0], [1, 1, 0]]


def test_before_they_are_normalised_returns_are_those_of_the_task() -> None:
    config = MAGEConfig(pairs=4, stride=2, scales=(1, 2))
    windows = Windows(_counting_dataset(), config, 0.5, torch.device("cpu"))
    assert len(windows) == 9
    assert windows.returns_N1.tolist() == [[value] for value in RETURNS]
    assert windows.observations_NS.tolist() == [[row] for row in range(9)]
    assert windows.actions_NA.tolist() == [[10 * row] for row in range(9)]


def test_observations_and_returns_are_normalised_and_actions_are_not() -> None:
    planner, windows = _planner_and_windows()
    observations = [(row - 4) / DEVIATION for row in range(9)]
    assert windows.observations_NS[:, 0].tolist() == pytest.approx(observations)
    returns = (np.array(RETURNS) - np.mean(RETURNS)) / np.std(RETURNS, ddof=1)
    assert windows.returns_N1[:, 0].tolist() == pytest.approx(returns.tolist(), abs=1e-6)
    assert windows.actions_NA[3] == 30
    assert planner.returns.largest.item() == pytest.approx(returns[5])
    assert windows.advantages_N1.tolist() == [[0.0]] * 9


def test_a_step_holds_return_observation_and_action_in_this_order() -> None:
    windows = _windows(relative=False, sequence=("action", "observation", "return"))
    cut = windows.cut(torch.tensor([5, 1]))
    assert cut.shape == (2, 4, 3)
    for place, row in enumerate([1, 3]):
        expected = [windows.returns_N1[row].item(), (row - 4) / DEVIATION, 10.0 * row]
        assert cut[1, place].tolist() == pytest.approx(expected)
    assert cut[1, 2:].tolist() == [[0, 0, 0]] * 2, "padding"
    assert windows.cut(torch.tensor([5]))[0, 0, 2] == 50


def test_a_condition_is_what_the_window_starts_from() -> None:
    windows = _windows()
    windows.advantages_N1 = torch.arange(9.0)[:, None] / 10
    condition = windows.condition(torch.tensor([6, 0]))
    assert torch.equal(condition.observation_BS, windows.observations_NS[[6, 0]])
    assert torch.equal(condition.return_B1, windows.returns_N1[[6, 0]])
    assert condition.advantage_B1.flatten().tolist() == pytest.approx([0.6, 0.0])
    assert condition.known_B1.tolist() == [[1.0], [1.0]]


def test_relative_windows_tell_how_far_they_get_in_deviations_of_that_step() -> None:
    """A counting dataset with an uneven pace: rows 0 1 3 6 10 and 10 11 13 16."""
    made = replace(_counting_dataset(), observations=np.array(
        [0, 1, 3, 6, 10, 10, 11, 13, 16], np.float32)[:, None])  # fmt: skip
    config = MAGEConfig(pairs=4, stride=1, scales=(1, 2))
    planner, windows = Planner(config, 1, 1), Windows(made, config, 0.5, torch.device("cpu"))
    windows.normalise(planner)
    # One step takes 1 2 3 4 and 1 2 3, two steps 3 5 7 and 3 5, three 6 9 10 and 6.
    unit = planner.observation_normaliser.deviation
    steps = ([1, 2, 3, 4, 1, 2, 3], [3, 5, 7, 3, 5], [6, 9, 6])
    mean, deviation = [np.mean(far) for far in steps], [np.std(far, ddof=1) for far in steps]
    fitted = planner.difference_normaliser
    assert (fitted.mean[1:, 0] * unit).tolist() == pytest.approx(mean, rel=1e-5)
    assert (fitted.deviation[1:, 0] * unit).tolist() == pytest.approx(deviation, rel=1e-5)
    cut = windows.cut(torch.tensor([0, 6]))
    far = (np.array([1, 3, 6]) - mean) / deviation
    assert cut[0, 1:, 1].tolist() == pytest.approx(far.tolist(), rel=1e-4)
    far = (np.array([2, 5]) - mean[:2]) / deviation[:2]
    assert cut[1, 1:, 1].tolist() == pytest.approx([*far.tolist(), 0], rel=1e-4)
    assert torch.equal(cut[:, 0, 1], windows.observations_NS[[0, 6], 0]), "the first is as it is"
    assert torch.equal(cut[0, :, 0], windows.returns_N1[:4, 0]), "returns are, too"
    assert torch.equal(windows.cut(torch.tensor([0, 6])), cut), "cutting changes nothing"


def test_of_many_windows_some_from_everywhere_are_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mage.windows._WINDOWS_MEASURED", 3)
    planner, windows = _planner_and_windows()
    observed, real = windows._measured_differences()
    # Those of rows 0, 4 and 8.
    assert torch.equal(observed[:, 0], windows.observations_NS[[0, 4, 8]])
    assert real.sum(1).tolist() == [3, 1, 1]
    # Only one of them has a second step: too few to tell how much they differ.
    assert planner.difference_normaliser.mean.tolist() == [[0.0]] * 4


def test_each_observed_column_is_measured_for_itself(planner: Planner, windows: Windows) -> None:
    assert len(windows) == 120
    fitted = planner.difference_normaliser
    assert len(fitted.mean[1:].unique()) == len(fitted.deviation[1:].unique()) == 7 * 4


@pytest.mark.parametrize(
    "settings", [{"relative": False}, {"sequence": ("return", "action")}], ids=str
)
def test_where_no_differences_are_held_none_are_measured(settings: dict[str, object]) -> None:
    planner, windows = _planner_and_windows(**settings)
    assert not planner.difference_normaliser.mean.any()
    assert windows.cut(torch.tensor([0])).shape == (1, 4, 2)


def test_relative_windows_of_equal_moves_are_equal() -> None:
    cut = _windows(sequence=("observation",)).cut(torch.tensor([0, 1, 5, 6]))[..., 0]
    torch.testing.assert_close(cut[0, 1], cut[2, 1], atol=1e-3, rtol=0)  # Both move on by two rows.
    assert not torch.allclose(cut[:, 0], cut[:1, 0]), "but where they are, they say"
    assert cut[1, 2] == 0 != cut[0, 2]  # One step earlier its episode ends.


def test_the_advantage_comes_from_the_return_model() -> None:
    planner, windows = _planner_and_windows()
    with torch.no_grad():
        planner.returns.network[-1].bias.copy_(torch.tensor([0.0, 3.0]))  # No end is reached.
    windows.label(planner)
    expected = planner.returns.advantage(windows.observations_NS, windows.returns_N1)
    torch.testing.assert_close(windows.advantages_N1, expected)
    assert not windows.advantages_N1.requires_grad
    assert len(windows.advantages_N1.unique()) > 3
