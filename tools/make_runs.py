"""Write run folders that look like those of real trainings, to look at the panel Runs.

Usage: .venv/bin/python tools/make_runs.py FOLDER [COUNT [EPOCHS]]

FOLDER is the folder of the runs, which is `runs` below LAYERSCOPE_HOME.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.run_folders import make_runs

if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[2:]]
    made = make_runs(Path(sys.argv[1]), *(numbers or [100]))
    print(f"{len(made)} runs in {sys.argv[1]}")
