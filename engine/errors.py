"""Errors that reach a user: each says what was expected, what came, and what to do."""


class LayerscopeError(Exception):
    """Base of every error whose text is fit to be shown to a user as it is."""


class ShapeError(LayerscopeError):
    """A block cannot take the shape that the block before it gives."""


class DataError(LayerscopeError):
    """A data file or data set is damaged, mislabelled, missing or does not suit the network."""


class ProjectError(LayerscopeError):
    """A project file cannot be read or written."""


class WeightsError(LayerscopeError):
    """A weights file cannot be read or written, or belongs to another network."""


class SettingsError(LayerscopeError):
    """A training setting has a value that cannot be used."""


class TrainingError(LayerscopeError):
    """Training cannot go on: a loss or weight is no longer finite, or there is nothing to train."""
