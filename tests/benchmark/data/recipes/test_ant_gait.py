"""The trot: symmetric, repeatable, and balanced."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmark.data.recipes.ant_gait import TROT, Swing, Walker


def _body(yaw: float = 0.0, pitch: float = 0.0) -> np.ndarray:
    """The observation of an ant at rest, turned left by `yaw` and then its nose down by `pitch`."""
    body = np.zeros(27)
    half_yaw, half_pitch = yaw / 2, pitch / 2
    body[1] = math.cos(half_yaw) * math.cos(half_pitch)
    body[2] = -math.sin(half_yaw) * math.sin(half_pitch)
    body[3] = math.cos(half_yaw) * math.sin(half_pitch)
    body[4] = math.sin(half_yaw) * math.cos(half_pitch)
    return body


def _hips(actions: np.ndarray) -> np.ndarray:
    return np.roll(actions, -2)[0::2]  # The actions begin with leg 4.


def test_a_swing_is_its_mean_and_two_harmonics() -> None:
    swing = Swing(0.5, 0.2, math.pi, 0.1, 0.0)
    assert swing.at(0.0) == pytest.approx(0.5 - 0.2 + 0.1)
    assert swing.at(math.pi / 2) == pytest.approx(0.5 - 0.1)
    assert np.mean([swing.at(phase) for phase in np.arange(0, 2 * math.pi, 0.1)]) == (
        pytest.approx(0.5, abs=0.01)
    )


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_another_direction_is_another_leg_in_front(turns: int) -> None:
    straight, turned = Walker(), Walker()
    for _ in range(20):
        ahead = straight.act(_body(), 0.0, stand=False)
        aside = turned.act(_body(), turns * math.pi / 2, stand=False)
        assert np.allclose(_hips(aside), np.roll(_hips(ahead), turns))


def test_only_the_direction_as_the_ant_sees_it_counts() -> None:
    first, second = Walker(), Walker()
    for _ in range(5):
        ahead = first.act(_body(), 0.3, stand=False)
        assert np.allclose(second.act(_body(yaw=2.0), 2.3, stand=False), ahead)


def test_every_walk_starts_alike() -> None:
    walker = Walker()
    first = [walker.act(_body(), 0.5, stand=False) for _ in range(7)]
    walker.act(_body(), 3.0, stand=False)
    walker.reset()
    again = [walker.act(_body(), 0.5, stand=False) for _ in range(7)]
    assert np.array_equal(first, again)
    assert not np.array_equal(first[0], first[3])


def test_standing_still_is_one_pose() -> None:
    walker = Walker()
    poses = [walker.act(_body(), 0.0, stand=True) for _ in range(3)]
    assert np.array_equal(poses[0], poses[2])
    assert np.allclose(_hips(poses[0]), 0)


def test_legs_reach_out_where_the_body_is_low() -> None:
    bends = np.array([1, -1, -1, 1])
    flat = Walker().act(_body(), 0.0, stand=True)
    nose_down = Walker().act(_body(pitch=0.2), 0.0, stand=True)
    change = (np.roll(nose_down, -2) - np.roll(flat, -2))[1::2] * bends
    assert (change[[0, 3]] < 0).all(), "the legs in front bend less"
    assert (change[[1, 2]] > 0).all()


def test_torques_are_inside_their_bounds() -> None:
    rng = np.random.default_rng(0)
    walker = Walker(TROT)
    for _ in range(50):
        body = rng.standard_normal(27)
        body[1:5] /= np.linalg.norm(body[1:5])
        torques = walker.act(body, float(rng.uniform(-3, 3)), stand=bool(rng.integers(2)))
        assert torques.shape == (8,)
        assert np.abs(torques).max() <= 1
