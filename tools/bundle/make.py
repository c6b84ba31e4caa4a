"""Make `dist/layerscope/` of the wheel in `dist/`, in an environment of its own: `.venv-bundle`.

It is run by the Python that the bundle shall hold, on each system alike. With `--pack` it also
makes an archive of the bundle.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
ENVIRONMENT = ROOT / ".venv-bundle"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def run(*command: str | Path) -> None:
    """Run a command in the checkout; its failure is ours."""
    subprocess.run(command, cwd=ROOT, check=True)


def main() -> None:
    """Make the bundle."""
    (wheel,) = DIST.glob("layerscope-*.whl")
    if not PYTHON.exists():
        run(sys.executable, "-m", "venv", ENVIRONMENT)
    pip = PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"
    run(*pip, "pip>=25.1")  # it knows groups
    run(*pip, "--group", "bundle", wheel)
    # Anew, for the same version may be another tree; no byte code, for the folder is copied.
    run(*pip, "--force-reinstall", "--no-deps", "--no-compile", wheel)
    spec = Path(__file__).with_name("layerscope.spec")
    made = "--noconfirm", "--log-level", "WARN", "--workpath", ROOT / "build" / "bundle"
    run(PYTHON, "-m", "PyInstaller", *made, "--distpath", DIST, spec)
    if sys.platform == "linux":  # 19 MB less; older versions of strip break other libraries
        run("strip", DIST / "layerscope/_internal/llvmlite/binding/libllvmlite.so")
    if "--pack" in sys.argv:
        system = f"{platform.system()}-{platform.machine()}".lower()
        name = DIST / f"{wheel.name.partition('-py3')[0]}-{system}"
        kind = "zip" if os.name == "nt" else "xztar"
        print(shutil.make_archive(str(name), kind, DIST, "layerscope"))


main()
