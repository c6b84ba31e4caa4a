"""Project: all that one project file holds, whole and immutable but for the arrays."""

from dataclasses import dataclass, field

from engine.settings import Settings
from engine.stack import Report, Stack
from engine.weights import Weights


@dataclass(frozen=True)
class Project:
    """A stack, the settings to train it, and what it has learned so far.

    `weights` holds only slots that were trained; `trained_epochs` counts the epochs behind them.
    """

    stack: Stack = Stack()
    settings: Settings = Settings()
    weights: Weights = field(default_factory=dict)
    trained_epochs: int = 0

    def check(self) -> Report:
        """Check the stack for these settings."""
        return self.stack.check(len(self.settings.classes), self.settings.loss)
