"""The memory that the engine keeps after trainings of networks of different sizes."""

from collections.abc import Iterator

from engine.data.sources import load
from engine.training.events import BatchDone
from engine.training.run import Training
from tests.soak.nets import project_of_some_size
from tests.soak.resident import resident

STEPS = 3


def resident_over_trainings(count: int) -> Iterator[int]:
    """Train one network after another for some steps; give the memory after each in bytes."""
    data = load("mnist", tuple(range(10)))
    for number in range(count):
        project = project_of_some_size(number)
        training = Training(project.check(), project.settings, *data)
        events = training.run()
        for _ in range(STEPS):
            assert isinstance(next(events), BatchDone)
        training.close()
        del training, events, project
        yield resident()
