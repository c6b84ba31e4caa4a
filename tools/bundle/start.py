"""What the bundle starts: Layerscope, or what Layerscope runs in a process of its own.

For such a process the engine calls Python, by `sys.executable`. In a bundle that is the bundle, so
it takes the calls that the engine makes of Python: with `-P -m MODULE` and with `-P -c CODE`.
"""

import sys
from runpy import run_module


def start(arguments: list[str]) -> None:
    """Run what is asked for, as Python would."""
    match arguments:
        case ["-P", "-m", module, *rest]:
            sys.argv[1:] = rest
        case ["-P", "-c", code, *rest]:
            sys.argv[:] = ["-c", *rest]
            exec(code, {"__name__": "__main__"})
            return
        case _:
            module = "main"
    run_module(module, run_name="__main__", alter_sys=True)


start(sys.argv[1:])
