"""Picture every panel with sets of pictures that are not MNIST: in colour, 2, 47, 256 classes.

Usage: .venv/bin/python tools/look_at_data.py FOLDER [SET ...]
"""

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LAYERSCOPE_UNATTENDED"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtWidgets import QApplication

from engine.data.sources import load
from engine.files.project_file import save_project
from engine.model.templates import colour, lenet, suited
from gui.app import create_window
from gui.main_window import MainWindow
from tests.picture_sets import SETS, write_set
from tools.screenshots import trigger, wait

SIZES = ((1280, 800), (940, 620))
SAMPLES = {"colour": (150, 30), "two": (60, 20), "letters": (30, 8), "braille": (8, 3)}
EPOCHS = 3


def main(folder: Path, names: list[str]) -> None:
    """Train a network on each set in the window, and picture the panels at each size."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as place:
        os.environ.setdefault("LAYERSCOPE_HOME", place)
        for name in names or SETS:
            window = create_window(_project(name, Path(place)))
            assert isinstance(window, MainWindow)
            _look(window, folder, name)
            window.document.undo_stack.setClean()
            window.close()
    app.quit()


def _project(name: str, place: Path) -> Path:
    data = write_set(name, place / f"{name}.npz", *SAMPLES[name])
    training, _ = load(str(data))
    template = colour() if training.input_shape[0] > 1 else lenet()
    project = suited(template, training.input_shape, training.classes)
    settings = project.settings.with_changes(dataset=str(data), epochs=EPOCHS)
    path = place / f"{name}.layerscope"
    save_project(replace(project, settings=settings), path)
    return path


def _look(window: MainWindow, folder: Path, name: str) -> None:
    window.stage.reset()
    window.resize(*SIZES[0])
    window.show()
    wait(2)
    trigger(window, "train")
    while window.session.run.phase != "Finished":
        wait(0.5)
        assert window.session.run.phase != "Error"
    wait(2)
    for size in SIZES:
        window.resize(*size)
        for title in [entry.title for entry in window.stage.entries]:
            window.stage.show_panel(title)
            wait(1.5)
            path = folder / f"{name}-{size[0]}-{title.lower().replace(' ', '-')}.png"
            assert window.grab().save(str(path)), path
    print(name, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
