"""Process scaling: a training step divided among processes, each pinned to a core.

It shows what dividing costs with more parts than the machine has cores: each process computes its
share of every batch, and the time that its processor works for it is counted, not the time that it
waits for a core. On so many cores a batch would take the longest share. It does not show what the
parts would cost each other there: adding up their gradients, and sharing memory and caches.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.synchronize import Barrier

from engine.errors import TrainingError
from engine.measuring.benchmark import conv_stack, make_random_training
from engine.measuring.scaling_laws import SETTINGS
from engine.training.events import BatchDone
from engine.training.random_stacks import RandomStack

PROCESSES = (1, 2, 4, 8, 16)
BATCH = 256
PATIENCE = 120.0  # s until all processes have begun


@dataclass(frozen=True)
class SharedPoint:
    """What so many processes did, each with its share of a batch.

    `processor_seconds` is the time for a sample that a processor worked, `samples_per_second` what
    all processes did together by the clock.
    """

    processes: int
    share: int
    processor_seconds: float
    samples_per_second: float


def over_processes(processes: int, seconds: float) -> SharedPoint:
    """Let so many processes of one thread train conv8-16 at the same time, for some seconds.

    Called in the main thread. Raises TrainingError if one of them fails.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes)
    share = BATCH // processes
    started, waiting, answers = [], [], []
    try:
        for number in range(processes):
            ours, theirs = context.Pipe(duplex=False)
            arguments = share, number, seconds, barrier, theirs
            process = context.Process(target=_train, args=arguments, daemon=True)
            with _deaf_to_interrupts():
                process.start()
            theirs.close()  # so that its end is seen
            started.append(process)
            waiting.append(ours)
        while waiting:
            ready = wait(waiting)
            answers += [each.recv() for each in waiting if each in ready]
            waiting = [each for each in waiting if each not in ready]
    except EOFError as error:
        raise TrainingError(
            f"One of {processes} processes ended before it had measured. Close other programs, for "
            "each process needs memory of its own, and try again."
        ) from error
    finally:
        for process in started:
            process.terminate()  # those that wait for one that has failed, too
            process.join()
    used, rates = zip(*answers, strict=True)
    return SharedPoint(processes, share, sum(used) / processes, sum(rates))


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start processes that do not hear Ctrl+C: it is for the one that waits for them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _train(share: int, number: int, seconds: float, barrier: Barrier, answer: Connection) -> None:
    """Train on shares for some seconds; send the processor's seconds a sample, and the rate."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})
    net = RandomStack("conv8-16", conv_stack((8, 16)), SETTINGS)
    training = make_random_training(net, share, 1)
    events = training.run()
    for _ in range(3):  # the first steps make their memory
        next(events)
    barrier.wait(PATIENCE)
    started, used, samples = time.perf_counter(), time.process_time(), 0
    while not samples or time.perf_counter() < started + seconds:
        event = next(events)
        samples += event.samples if isinstance(event, BatchDone) else 0
    used, took = time.process_time() - used, time.perf_counter() - started
    training.close()
    answer.send((used / samples, samples / took))
