"""What each candidate makes of a description: a training step."""

from typing import Protocol, runtime_checkable

from benchmarks.peers.net import Arrays, Net

# How long each block takes forward and backward, then how long all the rest of a step does.
LayerSeconds = list[tuple[float, float]]


class Step(Protocol):
    """A net in training."""

    def __call__(self) -> float:
        """Train on one batch and return its loss."""
        ...


@runtime_checkable
class OpenStep(Step, Protocol):
    """A step whose weights can be looked at."""

    def arrays(self) -> Arrays:
        """Copy the arrays of each block as they are now."""
        ...


@runtime_checkable
class LayeredStep(Step, Protocol):
    """A step that can be timed layer by layer."""

    def layer_seconds(self) -> LayerSeconds:
        """Train on one batch and return the seconds."""
        ...


class Maker(Protocol):
    """Makes a step of a net, with what `draw_arrays` and `draw_samples` give to begin with."""

    def __call__(self, net: Net, batch_size: int, threads: int) -> Step: ...
