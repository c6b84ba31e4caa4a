"""Which version of Layerscope this is."""

import tomllib
from functools import cache
from pathlib import Path

_DECLARATION = Path(__file__).parent.parent / "pyproject.toml"


def version() -> str:
    """Return the version that the checkout declares; of an installed package, that of the package.

    What an environment says of a checkout may be older than the checkout.
    """
    if _DECLARATION.is_file():
        return _declared(_DECLARATION)
    from importlib import metadata  # takes 10 ms

    return metadata.version("layerscope")


@cache
def _declared(path: Path) -> str:
    with path.open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
