"""An agent that a trainer trains: what it is made of, and how it is trained and resumed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from benchmark.agent_base import AgentBase
from benchmark.interface import NO_SETTINGS, Dataset, Progress, Settings, TaskInfo, build_config
from benchmark.trainer import Learner, Trainer


class TrainedAgent(AgentBase):
    """The half of `benchmark.interface.Agent` that is about training.

    Attributes:
        config: the resolved settings.
        config_class: the dataclass of these settings.
    """

    config_class: ClassVar[type[Any]]

    def __init__(
        self, task: TaskInfo, settings: Settings = NO_SETTINGS, device: str = "cpu"
    ) -> None:
        """See `benchmark.interface.Agent`."""
        super().__init__(task)
        self.config = build_config(self.config_class, settings)
        self._device = device
        self._trainer = Trainer(device)

    @abstractmethod
    def _start_training(self, dataset: Dataset, steps: int, seed: int) -> Learner:
        """A new learner, whose networks act from now on; torch's generators are seeded."""

    def _fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Progress) -> None:
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
