"""Run folders: what a training was and what it learned, epoch by epoch."""

from engine.runs.run_folder import Run, is_run_folder, open_run, read_run
from engine.runs.store import RunStore

__all__ = ["Run", "RunStore", "is_run_folder", "open_run", "read_run"]
