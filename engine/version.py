"""Which version of Layerscope this is."""

import tomllib
from pathlib import Path

_DECLARATION = Path(__file__).parent.parent / "pyproject.toml"


def version() -> str:
    """Return the version that the checkout declares; of an installed package, that of the package.

    What an environment says of a checkout may be older than the checkout.
    """
    if _DECLARATION.is_file():
        with _DECLARATION.open("rb") as file:
            return str(tomllib.load(file)["project"]["version"])
    from importlib import metadata  # takes 10 ms

    return metadata.version("layerscope")
