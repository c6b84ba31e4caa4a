"""What the program does where there is no display: train the notebook's network in the terminal."""

from collections.abc import Callable
from pathlib import Path

from engine.cli.progress import TextProgress
from engine.cli.say import say
from engine.cli.shared import read_samples
from engine.cli.stop_requests import StopRequests
from engine.cli.train import keep, learn
from engine.errors import ProjectError
from engine.model.templates import notebook
from engine.runs.recorder import RunNames

FOLDER = Path("layerscope-out")


def run(take_picture: Callable[[Path, Path], None], folder: Path = FOLDER) -> int:
    """Train the notebook's network; leave it, its weights and a picture in a folder.

    `take_picture` gets the project and the file for a picture of the window that shows it.
    """
    project = notebook()
    settings = project.settings
    path = folder / "notebook.layerscope"
    say("There is no display for the window (DISPLAY and WAYLAND_DISPLAY are not set).")
    say("So the notebook's network is trained here, on the bundled digits 0 and 1.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(
            f"The folder {folder.absolute()} for the results cannot be made: {error.strerror}. "
            "Start the program in a folder that you may write to."
        ) from error
    training_data, test = read_samples(project)
    progress = TextProgress(0, settings.epochs)
    outs = [folder / "weights.safetensors", folder / "weights.npz"]
    with StopRequests() as requests:
        data = training_data, test
        outcome = learn(
            *(project, project.check(), path, *data, progress, requests, RunNames("", path.stem))
        )
        code = keep(outcome, path, outs)
    if code == 0:
        picture = folder / "window.png"
        take_picture(path, picture)
        say(f"A picture of the window is in {picture}.")
    return code
