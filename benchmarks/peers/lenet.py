"""Train `lenet` on the bundled digits with one framework; each seed is one line of stdin.

Answers {"accuracy", "seconds"}: of the 2,000 test digits after the last epoch, and of the training
with a test after each epoch, as a user of either would have it. Initial weights, shuffling and the
rest are each framework's own.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

Trainer = Callable[[int], float]  # from the seed to the test accuracy


def layerscope(epochs: int, batch_size: int, threads: int, arrays: Path) -> Trainer:
    """Prepare Layerscope's template; write its data for the other."""
    import numpy as np

    from engine.data.sources import load
    from engine.model.templates import lenet
    from engine.training.events import EpochDone
    from engine.training.run import Training
    from engine.training.warm_up import warm_up

    project = lenet()
    train, test = load("mnist")
    np.savez(arrays, x=train.images, y=train.labels, test_x=test.images, test_y=test.labels)
    warm_up()
    report = project.check()

    def run(seed: int) -> float:
        changed = project.settings.with_changes(epochs=epochs, batch_size=batch_size, seed=seed)
        training = Training(report, changed, train, test, threads=threads)
        accuracy = 0.0
        for event in training.run():
            if isinstance(event, EpochDone):
                accuracy = event.test_accuracy
        training.close()
        return accuracy

    return run


def torch(epochs: int, batch_size: int, threads: int, arrays: Path) -> Trainer:
    """Prepare the same net in PyTorch, with all data in memory as float32."""
    import numpy as np
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    with np.load(arrays) as held:
        x, test_x = (torch.from_numpy(held[name]).float() / 255 for name in ("x", "test_x"))
        y, test_y = (torch.from_numpy(held[name]) for name in ("y", "test_y"))

    def run(seed: int) -> float:
        torch.manual_seed(seed)
        net = nn.Sequential(
            *(nn.Conv2d(1, 16, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(32 * 5 * 5, 128), nn.ReLU(), nn.Linear(128, 10)),
        )
        optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
        criterion = nn.CrossEntropyLoss()
        correct = 0
        for _ in range(epochs):
            for chosen in torch.randperm(len(x)).split(batch_size):
                optimizer.zero_grad()
                criterion(net(x[chosen]), y[chosen]).backward()
                optimizer.step()
            with torch.no_grad():
                correct = int((net(test_x).argmax(1) == test_y).sum())
        return correct / len(test_y)

    return run


def main(framework: str, epochs: int, batch_size: int, threads: int, arrays: Path) -> None:
    """Serve until the pipe is closed."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    prepare = {"layerscope": layerscope, "torch": torch}[framework]
    run = prepare(epochs, batch_size, threads, arrays)
    print(json.dumps({"ready": framework}), file=answers, flush=True)
    for line in sys.stdin:
        started = time.perf_counter()
        accuracy = run(int(line))
        answer = {"accuracy": accuracy, "seconds": time.perf_counter() - started}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))
