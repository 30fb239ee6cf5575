"""An agent that a trainer trains: what it is made of, and how it is trained and resumed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from benchmark.interface import Dataset, Progress, Settings, TaskInfo, build_config
from benchmark.trainer import Learner, Trainer


class TrainedAgent(ABC):
    """The half of `benchmark.interface.Agent` that is about training.

    Attributes:
        config: the resolved settings.
        config_class: the dataclass of these settings.
    """

    config_class: ClassVar[type[Any]]

    def __init__(self, task: TaskInfo, settings: Settings, device: str) -> None:
        """See `benchmark.interface.Agent`."""
        self.config = build_config(self.config_class, settings)
        self._task = task
        self._device = device
        self._trainer = Trainer(device)

    @abstractmethod
    def _start_training(self, dataset: Dataset, steps: int, seed: int) -> Learner:
        """A new learner, whose networks act from now on; torch's generators are seeded."""

    def fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Progress) -> None:
        """See `benchmark.interface.Agent`."""
        dataset.check_fits(self._task)
        self._trainer.fit(
            lambda: self._start_training(dataset, steps, seed),
            steps=steps,
            seed=seed,
            progress=progress,
        )

    def training_state(self) -> dict[str, Any]:
        """See `benchmark.interface.Resumable`."""
        return self._trainer.training_state()

    def resume(self, state: Mapping[str, Any]) -> None:
        """See `benchmark.interface.Resumable`."""
        self._trainer.resume(state)
