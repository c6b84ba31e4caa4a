"""Errors that reach a user: each says what was expected, what came, and what to do."""

from engine.array_types import Shape, describe_shape


class LayerscopeError(Exception):
    """Base of every error whose text is fit to be shown to a user as it is."""


def in_one_line(fault: BaseException, most: int = 100) -> str:
    """Return what an error of a library says, in so many letters; its kind if it says nothing."""
    return " ".join(str(fault).split())[:most] or type(fault).__name__


class ShapeError(LayerscopeError):
    """A block cannot take the shape that the block before it gives.

    `needs` continues a sentence whose subject is the block ("takes a vector"), `remedy` is a
    sentence of its own. The stack adds which blocks they are.
    """

    def __init__(self, needs: str, shape: Shape, remedy: str) -> None:
        super().__init__(f"The block {needs}, but gets {describe_shape(shape)}. {remedy}")
        self.needs = needs
        self.shape = shape
        self.remedy = remedy


class DataError(LayerscopeError):
    """A data file or data set is damaged, mislabelled, missing or does not suit the network."""


class LostDataError(DataError):
    """Images that are read when they are wanted can no longer be read: their file was changed."""


class ProjectError(LayerscopeError):
    """A project file cannot be read or written."""


class WeightsError(LayerscopeError):
    """A weights file cannot be read or written, or belongs to another network."""


class ExportError(LayerscopeError):
    """A network or a run cannot be written for others, or what was written proved to be wrong."""


class NetworkFileError(LayerscopeError):
    """A file with a network of another program cannot be read, or holds what no block does."""


class RunError(LayerscopeError):
    """A run folder cannot be read, or holds no weights that could be taken."""


class SettingsError(LayerscopeError):
    """An option of a block or a training setting has a value that cannot be used."""


class KernelEditError(LayerscopeError):
    """A change of a kernel has no result for the values that it has."""


class ComputeError(LayerscopeError):
    """The numerics that the environment asks for are not to be had."""


class TrainingError(LayerscopeError):
    """Training cannot start or go on: the stack does not fit, or a value is no longer finite."""


class InterruptedWorkError(Exception):
    """The work was stopped because the caller asked for it; nothing has changed."""
