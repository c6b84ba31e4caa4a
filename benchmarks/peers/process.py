"""A candidate's worker process, seen from the program that compares."""

import json
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.machine import PEERS_PYTHON, Others
from benchmarks.peers.candidates import PEERS
from benchmarks.peers.net import Net
from benchmarks.peers.step import LayerSeconds

PAUSE = 0.1  # seconds; thread pools spin for a while after their work


class FaultError(Exception):
    """A candidate cannot do what was asked."""


class Turn(NamedTuple):
    """The samples per second of one turn, and the share of the cores that others had, in %."""

    rate: float
    others: float


class Candidate:
    """A worker process, asleep unless it is asked for something.

    One that does not answer within `patience` seconds is ended; the next cell gets a new one.
    """

    def __init__(self, name: str, threads: int, patience: float) -> None:
        self.name = name
        self._threads, self._patience = threads, patience
        self._process = self._begun()

    def begin(self, net: Net, batch_size: int, **more: object) -> None:
        """Let the process make a step ready, and come back at once; `ready` waits for it."""
        if self._process.poll() is not None:
            self._process = self._begun()
        self._tell(net=net, batch_size=batch_size, threads=self._threads, **more)

    def ready(self) -> float:
        """Return the seconds that a step takes when it is ready. Raises FaultError if it fails."""
        return float(self._answer()["step_seconds"])

    def losses(self) -> list[float]:
        """Return the losses of the steps that `begin` asked for. Raises FaultError."""
        return list(self._answer()["losses"])

    def turn(self, seconds: float) -> Turn:
        """Train for some seconds. Raises FaultError if that fails."""
        others = Others(self._process.pid)
        self._tell(seconds=seconds)
        rate = float(self._answer()["samples_per_second"])
        turn = Turn(rate, others.percent())
        time.sleep(PAUSE)
        return turn

    def layer_seconds(self) -> LayerSeconds:
        """Do one step layer by layer. Raises FaultError if that fails."""
        self._tell(layers=True)
        return [(forward, backward) for forward, backward in self._answer()["layers"]]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _begun(self) -> "subprocess.Popen[str]":
        python = str(PEERS_PYTHON) if self.name in PEERS else sys.executable
        worker = Path(__file__).with_name("worker.py")
        return subprocess.Popen(
            [python, str(worker), self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _tell(self, **order: object) -> None:
        assert self._process.stdin is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)

    def _answer(self) -> dict[str, Any]:
        pipe = self._process.stdout
        assert pipe is not None
        if not select.select([pipe], [], [], self._patience)[0]:
            self._process.kill()
            self._process.wait()
            raise FaultError(f"no answer within {self._patience:g} s")
        answer: dict[str, Any] = json.loads(pipe.readline() or '{"fault": "the process has ended"}')
        if "fault" in answer:
            raise FaultError(answer["fault"])
        return answer
