"""A file of agents as a user may write one: one that learns at once, and some that misbehave."""

from __future__ import annotations

# A complete agent in a file of its own: pushes towards where the most reward was recorded.
AGENT_FILE = '''
"""An agent for tests."""

from pathlib import Path

import numpy as np


class Pusher:
    presets = {"smoke": {"steps": 12, "gain": 2.0}}

    def __init__(self, task, settings, device):
        self.task = task
        self.gain = settings.get("gain", 1.0)

    def fit(self, dataset, *, steps, seed, progress):
        self.target = dataset.observations[np.argmax(dataset.rewards), :2]
        for step in range(1, steps + 1):
            progress(step, {"loss": 1.0 / step, "slow": lambda: 2.0})

    def reset(self, n_envs):
        pass

    def act(self, observations, last_rewards):
        push = self.gain * (self.target - observations[:, :2])
        return np.clip(push, self.task.action_low, self.task.action_high)

    def save(self, folder):
        np.save(Path(folder) / "target.npy", self.target)

    def load(self, folder):
        self.target = np.load(Path(folder) / "target.npy")


class Broken(Pusher):
    def fit(self, dataset, *, steps, seed, progress):
        progress(1, {"loss": 3.0})
        raise RuntimeError("diverged on purpose")


class Dying(Pusher):
    def fit(self, dataset, *, steps, seed, progress):
        import os

        print("about to die", flush=True)
        os.kill(os.getpid(), 9)


class Silent(Pusher):
    def fit(self, dataset, *, steps, seed, progress):
        super().fit(dataset, steps=steps, seed=seed, progress=lambda *report: None)


class Still(Silent):
    takes_gradient_steps = False

    def act(self, observations, last_rewards):
        return 1.5 * self.task.action_high + 0 * observations[:, :2]


class Wild(Pusher):
    def act(self, observations, last_rewards):
        return 5 * self.task.action_high + 0 * observations[:, :2]


class Lazy(Pusher):
    def fit(self, dataset, *, steps, seed, progress):
        super().fit(dataset, steps=steps - 1, seed=seed, progress=progress)


class Greedy(Pusher):
    def fit(self, dataset, *, steps, seed, progress):
        super().fit(dataset, steps=steps + 1, seed=seed, progress=progress)


class BadAct(Pusher):
    def act(self, observations, last_rewards):
        raise ValueError("no idea what to do")


class NaN(Pusher):
    def fit(self, dataset, *, steps, seed, progress):
        for step in range(1, steps + 1):
            progress(step, {"loss": float("nan") if step == 3 else 1.0})


class Hungry(Pusher):
    def fit(self, dataset, *, steps, seed, progress):
        import resource

        before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (8 * 2**30, before[1]))  # Bytes.
        try:
            np.ones(2**31)
        finally:
            resource.setrlimit(resource.RLIMIT_AS, before)


class FullDisk(Pusher):
    def save(self, folder):
        import errno

        super().save(folder)
        raise OSError(errno.ENOSPC, "No space left on device")


class Slow(Pusher):
    """Learns for some seconds, and can go on after an interruption."""

    presets = {"smoke": {"steps": 100, "seconds": 0.06}}

    def __init__(self, task, settings, device):
        import benchmark.running.monitor

        benchmark.running.monitor.CHECKPOINT_EVERY = 0.5
        benchmark.running.monitor._CHECK_EVERY = 0.1
        self.task, self.seconds, self.gain = task, settings["seconds"], 1.0
        self.step, self.target, self.rng = 0, np.zeros(2), np.random.default_rng(0)

    def fit(self, dataset, *, steps, seed, progress):
        import os
        import time

        Path(__file__).with_suffix(".pid").write_text(str(os.getpid()))
        for step in range(self.step + 1, steps + 1):
            time.sleep(self.seconds)
            self.step, self.target = step, 0.9 * self.target + self.rng.standard_normal(2)
            progress(step, {"loss": 1.0 / step})

    def training_state(self):
        state = self.rng.bit_generator.state
        return {"step": self.step, "target": self.target, "rng": state}

    def resume(self, state):
        self.step, self.target = state["step"], state["target"]
        self.rng.bit_generator.state = state["rng"]


class Endless(Slow):
    """Learns for longer than anything lasts that does not hang."""

    presets = {"smoke": {"steps": 10_000, "seconds": 0.06}}


class Mute:
    def fit(self, dataset, *, steps, seed, progress):
        pass
'''
