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
    from engine.blocks import *  # noqa: F403
    from engine.data import Dataset as Dataset
    from engine.data import load as load
    from engine.files import export_weights as export_weights
    from engine.files import open_project as open_project
    from engine.files import save_project as save_project
    from engine.model.project import Project as Project
    from engine.model.settings import Settings as Settings
    from engine.model.stack import Stack as Stack
    from engine.model.templates import TEMPLATES as TEMPLATES
    from engine.training.events import BatchDone as BatchDone
    from engine.training.events import EpochDone as EpochDone
    from engine.training.run import Training as Training
    from engine.training.warm_up import warm_up as warm_up

# Where each name is defined. The kinds of blocks come from KINDS.
_HOMES = {
    "BatchDone": "training.events",
    "Dataset": "data",
    "EpochDone": "training.events",
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
    if name in _HOMES:
        found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    elif not name[0].isupper() or name not in (kinds := _kinds()):  # lower case: a module
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    else:
        found = kinds[name]
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the names of the public face, and what every module has."""
    return sorted({*globals(), *_HOMES, *_kinds()})


def _kinds() -> dict[str, object]:
    """Return the kinds of blocks by the names of their classes."""
    from engine.blocks import KINDS

    return {block.__name__: block for block in KINDS.values()}
