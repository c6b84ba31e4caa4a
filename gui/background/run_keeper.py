"""RunKeeper: has the runs of the worker recorded, one after the other."""

import time
from dataclasses import replace

from engine.model.project import Project
from engine.runs.recorder import RunNames, RunRecorder
from engine.runs.run_writer import Listener, RunWriter
from engine.runs.store import RunStore
from engine.training.run import Training

LAST_WORDS = 5.0  # s that the end of the program waits for what is still to be written


class RunKeeper:
    """Begins a recorder for each run; `file_name` is that of the open project."""

    def __init__(self, listener: Listener) -> None:
        self.file_name = ""
        self._listener = listener
        self._writers: list[RunWriter] = []  # which may still have something to do

    def begin(self, project: Project, training: Training, digest: str) -> RunRecorder:
        """Record a run of a project on data of a digest."""
        project = replace(project, data_digest=digest)
        names = RunNames(file_name=self.file_name)
        recorder = RunRecorder(RunStore(), project, training, names, self._listener)
        self._writers = [each for each in self._writers if not each.ended]
        if recorder.writer is not None:
            self._writers.append(recorder.writer)
        return recorder

    def close(self) -> None:
        """Wait until the runs that have ended are written, but not for ever."""
        end = time.monotonic() + LAST_WORDS
        for writer in self._writers:
            writer.wait(max(0.0, end - time.monotonic()))
