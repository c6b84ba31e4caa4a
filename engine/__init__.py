"""The engine: everything of Layerscope but the window, and its public face for scripts.

`import engine` gives the names below; each is loaded when it is first used, so that the window
opens as fast. Inside the program, modules import each other directly.
"""

import logging
from importlib import import_module
from typing import TYPE_CHECKING

from engine.compute import blas_threads as blas_threads  # first: it must come before numpy

logging.getLogger(__name__).addHandler(logging.NullHandler())  # what is written is the caller's

if TYPE_CHECKING:
    from engine.blocks import (
        AvgPool,
        BatchNorm,
        Conv,
        Dense,
        Dropout,
        GlobalAvgPool,
        LeakyReLU,
        MaxPool,
        ReLU,
        Reshape,
        Sigmoid,
        Softmax,
        Tanh,
    )
    from engine.data import Dataset, load
    from engine.files import export_weights, open_project, save_project
    from engine.model.project import Project
    from engine.model.settings import Settings
    from engine.model.stack import Stack
    from engine.model.templates import TEMPLATES
    from engine.training.run import BatchDone, EpochDone, Training
    from engine.training.warm_up import warm_up

__all__ = [
    "TEMPLATES",
    "AvgPool",
    "BatchDone",
    "BatchNorm",
    "Conv",
    "Dataset",
    "Dense",
    "Dropout",
    "EpochDone",
    "GlobalAvgPool",
    "LeakyReLU",
    "MaxPool",
    "Project",
    "ReLU",
    "Reshape",
    "Settings",
    "Sigmoid",
    "Softmax",
    "Stack",
    "Tanh",
    "Training",
    "export_weights",
    "load",
    "open_project",
    "save_project",
    "warm_up",
]

# Where each name lives; one that is not listed is a kind of block.
_HOMES = {
    "BatchDone": "training.run",
    "Dataset": "data",
    "EpochDone": "training.run",
    "Project": "model.project",
    "Settings": "model.settings",
    "Stack": "model.stack",
    "TEMPLATES": "model.templates",
    "Training": "training.run",
    "export_weights": "files",
    "load": "data",
    "open_project": "files",
    "save_project": "files",
    "warm_up": "training.warm_up",
}


def __getattr__(name: str) -> object:
    """Load a name of the public face when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'blocks')}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the names of the public face, and what every module has."""
    return sorted({*globals(), *__all__})
