"""What ends a run before its epochs are done: a target, or that nothing more is learned."""

import math

from engine.model.settings import Settings
from engine.training.evaluation import Evaluation


class Stopper:
    """Decides after each epoch whether a run has reached its target, or learns nothing more."""

    def __init__(
        self, settings: Settings, best_loss: float = math.inf, best_epoch: int = 0
    ) -> None:
        self._target = settings.target_accuracy / 100
        self._patience = settings.early_stopping
        self.best_loss, self.best_epoch = best_loss, best_epoch

    def look(self, epoch: int, test: Evaluation, validation: Evaluation | None) -> str:
        """Return the reason to stop now, after an epoch, or an empty text."""
        watched, name = (test, "test") if validation is None else (validation, "validation")
        if self._target and watched.accuracy >= self._target:
            return (
                f"The {name} accuracy of {watched.accuracy * 100:.2f} % reached the target in "
                f"epoch {epoch}."
            )
        if watched.loss < self.best_loss:
            self.best_loss, self.best_epoch = watched.loss, epoch
        if self._patience and epoch - self.best_epoch >= self._patience:
            return (
                f"The {name} loss was lowest in epoch {self.best_epoch} ({self.best_loss:.4g}) and "
                f"not lower in the {self._patience} epochs since."
            )
        return ""
