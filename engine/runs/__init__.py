"""Run folders: what a training was and what it learned, epoch by epoch."""

from engine.runs.run_folder import open_run, read_run

__all__ = ["open_run", "read_run"]
