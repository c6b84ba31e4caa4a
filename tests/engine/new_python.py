"""Code in a Python of its own, for what must not have been imported or done before."""

import os
import subprocess
import sys

from tests.paths import ROOT


def in_new_python(code: str, *arguments: object, **environment: str) -> str:
    """Run code, which must end well, with the engine to import; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
