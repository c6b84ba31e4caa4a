"""Which version of Layerscope this is, and how it is called."""

import sys
import tomllib
from functools import cache
from pathlib import Path

_DECLARATION = Path(__file__).parent.parent / "pyproject.toml"
INSTALLED = not _DECLARATION.is_file()  # else this is a checkout
BUNDLED = getattr(sys, "frozen", False)  # with a Python of its own, which takes no more packages
PROGRAM = "layerscope" if INSTALLED else "main.py"  # as it is called on the command line


def version() -> str:
    """Return the version that the checkout declares; of an installed package, that of the package.

    What an environment says of a checkout may be older than the checkout.
    """
    if not INSTALLED:
        return _declared(_DECLARATION)
    from importlib import metadata  # takes 10 ms

    return metadata.version("layerscope")


@cache
def _declared(path: Path) -> str:
    with path.open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
