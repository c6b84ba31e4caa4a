"""The installed program: `import layerscope` gives what `import engine` gives in a checkout.

Beside this file lie the modules of a checkout. Their folder goes to `sys.path`, so that they have
the same names. None can be imported by a second name, as `layerscope.engine`: this package itself
holds only what is in `start`.
"""

import sys

sys.path[:0] = __path__
__path__[:] = [f"{__path__[0]}/start"]

import engine  # noqa: E402

__dir__ = engine.__dir__


def __getattr__(name: str) -> object:
    """Load a name of the public face when it is first used."""
    return getattr(engine, name)
