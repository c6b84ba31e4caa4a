"""The run folder: what a training was and what it learned, epoch by epoch; Layerscope opens it.

`run.json` says what was trained and how; `metrics.jsonl` has a line for each epoch; `weights/` has
the weights after each, epoch-0000 being the start; `checkpoint.pt` is to go on from.
"""

import json
import math
import os
import platform
import sys
import time
import zlib
from datetime import datetime
from pathlib import Path

import torch
import torch.distributed as dist
from safetensors.torch import save_file

from model import HERE


class Run:
    """A run; the first process alone reads and writes its folder."""

    def __init__(self, options, rank, world):
        self.rank, self.world, self.options = rank, world, options
        self.best = {"loss": math.inf, "epoch": 0}
        self.folder = Path(from_first(str(options.run or new_folder()), world)).resolve()
        self.about, self.metrics = self.folder / "run.json", self.folder / "metrics.jsonl"
        self.checkpoint = self.folder / "checkpoint.pt"
        self.network = json.loads((HERE / "network.json").read_text("utf-8"))
        self.started = datetime.now().astimezone().isoformat(timespec="seconds")
        if rank == 0:
            self.require_own_folder()
            try:
                (self.folder / "weights").mkdir(parents=True, exist_ok=True)
            except OSError as fault:
                sys.exit(
                    f"{self.folder} cannot be written: {fault.strerror}. Choose another --run."
                )

    def require_own_folder(self):
        """Refuse a folder of something else, or of a run that was another."""
        if not self.about.exists():
            if self.folder.is_file() or (self.folder.exists() and any(self.folder.iterdir())):
                sys.exit(f"{self.folder} holds something else than a run. Choose another --run.")
            return
        about = json.loads(self.about.read_text("utf-8"))
        settings, self.started = about["settings"], about.get("started", self.started)
        for name, value in ("seed", self.options.seed), ("batch_size", self.options.batch):
            if settings[name] != value:
                sys.exit(f"{self.folder} is of a run with another {name}: {settings[name]}.")

    def resume(self, model, optimizer):
        """Take what the last checkpoint holds; return how many epochs are done."""
        found = None
        if self.rank == 0 and self.checkpoint.exists():
            found = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
        found = from_first(found, self.world)
        if found:
            model.load_state_dict(found["model"])
            optimizer.load_state_dict(found["optimizer"])
            self.best = found["best"]
        done = found["epoch"] if found else 0
        if self.rank == 0:
            lines = self.metrics.read_text("utf-8").splitlines() if self.metrics.exists() else []
            kept = "".join(f"{line}\n" for line in lines[:done])  # no epoch that was not whole
            write_whole(self.metrics, lambda path: path.write_text(kept, "utf-8"))
            self.note("training")
            if not done:
                self.keep_weights(0, model)
        self.say(f"Going on after epoch {done}." if done else f"The run is in {self.folder}")
        return done

    def keep(self, epoch, line, model, optimizer):
        """Note what came of an epoch, the weights after it, and then the checkpoint."""
        self.say(
            f"epoch {epoch} of {line['epochs']}   loss {line['loss']:.4f}   "
            f"accuracy {line['accuracy']:.2%}   test: loss {line['test_loss']:.4f}   "
            f"accuracy {line['test_accuracy']:.2%}   {line['samples_per_second']:,.0f} images/s"
        )
        self.keep_weights(epoch, model)
        with self.metrics.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        state = {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "epoch": epoch,
            "best": self.best,
        }
        write_whole(self.checkpoint, lambda path: torch.save(state, path))

    def keep_weights(self, epoch, model):
        """Write the weights as Layerscope names them, such as 0.conv.weight."""
        renamed = {"bias_map": "bias", "running_var": "running_variance"}
        arrays = {}
        for name, array in torch_weights(model).items():
            module, _, parameter = name.rpartition(".")
            block = self.network["modules"][module]
            arrays[f"{block}.{renamed.get(parameter, parameter)}"] = array.float()
        path = self.folder / "weights" / f"epoch-{epoch:04}.safetensors"
        write_whole(path, lambda aside: save_file(arrays, aside, checksums(arrays)))

    def note(self, state):
        """Write run.json: the exported network, and how it is trained here."""
        options, found = self.options, dict(self.network)
        found["settings"] = found["settings"] | {
            "epochs": options.epochs,
            "batch_size": options.batch,
            "learning_rate": options.learning_rate,
            "seed": options.seed,
        }
        if options.data != HERE / "data.npz":
            found["data"] = found["data"] | {"name": options.data.name, "digest": ""}
            found["settings"]["dataset"] = str(options.data.resolve())
        versions = {"python": platform.python_version(), "torch": torch.__version__}
        found["versions"] = found["versions"] | versions
        found |= {"name": self.folder.name, "seed": options.seed, "state": state}
        found["started"] = self.started
        found["note"] = f"trained by train.py, processes: {self.world}, {options.dtype}"
        text = json.dumps(found, indent=1)
        write_whole(self.about, lambda path: path.write_text(text, "utf-8"))

    def end(self, state, words=""):
        """Note how the run ended, and say it."""
        if self.rank == 0:
            self.note(state)
        self.say(words)

    def say(self, words):
        if self.rank == 0 and words:
            print(words, flush=True)


def new_folder():
    """Return a folder for a new run; one that torchrun starts again has the same as before."""
    job = os.environ.get("TORCHELASTIC_RUN_ID", "")
    if job == "none":  # torchrun without --standalone and without --rdzv-id
        job = f"{time.strftime('%Y%m%d')}-{os.getppid()}"
    return HERE / "runs" / (job or f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")


def torch_weights(model):
    """Return the weights as safetensors takes them; BatchNorm's count of batches is of no use."""
    return {
        name: array.detach().cpu().contiguous()
        for name, array in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


def checksums(arrays):
    """Return the metadata by which Layerscope tells that a file of weights was damaged."""
    found = {name: zlib.crc32(array.float().numpy().tobytes()) for name, array in arrays.items()}
    return {"crc32": json.dumps({**found, "metadata": zlib.crc32(b"{}")})}  # there is no other


def write_whole(path, write):
    """Write a file aside and put it in place of the old one: a kill leaves one of the two."""
    aside = path.with_name(path.name + ".part")
    write(aside)
    for _ in range(9):
        try:
            return os.replace(aside, path)
        except PermissionError:  # Windows replaces no file that somebody is just reading
            time.sleep(0.05)
    return os.replace(aside, path)


def from_first(value, world):
    """Return, in every process, what the first one has."""
    held = [value]
    if world > 1:
        dist.broadcast_object_list(held, src=0)
    return held[0]
