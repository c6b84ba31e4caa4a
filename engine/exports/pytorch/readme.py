"""The text of `README.md`: what the folder holds, the lines to type, and what proved it."""

from engine.array_types import format_shape
from engine.data.names import LISTED, listed
from engine.exports.proof_text import UNPROVED
from engine.exports.trained_network import TrainedNetwork
from engine.exports.user_words import markdown_text
from engine.version import version

_TEXT = """# A network from Layerscope, in PyTorch

It was built and trained in Layerscope {version}. It takes images of {shape} (channels × height ×
width) with values from 0 to 1, which are bytes divided by 255.{scaling} Its outputs are for these
{classes} classes: {names}.

It needs Python 3.10 or later, with `pip install torch numpy safetensors`.

| file | holds |
|---|---|
| `model.py` | the network; `python model.py` compares it with what Layerscope computed |
| `weights.safetensors` | its weights, by PyTorch's names |
| `check.npz` | a few images, and what each block gives for them |
| `train.py` | trains it on, as the project says; `read_data.py` and `run_folder.py` help it |
| `network.json` | the blocks and settings, as Layerscope reads them |
{data}
## Training on

In one process, in two of this machine, and in two of each of two machines:

    python train.py
    torchrun --standalone --nproc-per-node 2 train.py
    torchrun --nnodes 2 --nproc-per-node 2 --rdzv-backend c10d \\
        --rdzv-endpoint HOST:29500 --rdzv-id NAME train.py

The last is typed on both machines, which both need this folder. `HOST` is the name of one of them,
`NAME` any word, a new one for each training. What comes of it is on the machine of the first
process. With `--max-restarts 3` before `train.py`, processes that fail are started again. GPUs are
used where there is one for each process.

Processes share each batch, of {batch}; it has a few more images where it cannot be divided. The
options of `train.py` are `--data` (an .npz file, or a folder of IDX files), `--epochs`, `--batch`
(of all processes together), `--learning-rate`, `--seed`, `--dtype` (`float64` is more exact, and
slower), `--out` (a file for the weights, by PyTorch's names) and `--run` (the run folder, else a
new one in `runs`).

After each epoch, the run folder gets a line in `metrics.jsonl`, the weights, and a checkpoint.
Ctrl+C or a failure loses no more than the epoch that was begun: the same command with `--run` and
that folder goes on. Layerscope opens a run folder with File > Import, or
`main.py import RUN NEW.layerscope`.

What differs from training in Layerscope: the order of the images and other random numbers are
PyTorch's; images that are left over at the end of an epoch, less than a batch, wait for another;
the memory of the optimizer and the schedule begin anew{more}.

## The proof

{proof}
"""


def readme(network: TrainedNetwork, *, has_data: bool) -> str:
    """Return the text, before the proof."""
    names = network.class_names
    shown = listed([*map(markdown_text, names)], LISTED)
    standard = " It standardises them itself." if network.scaling.is_standard else ""
    data = "| `data.npz` | the images and labels to train and to test with |\n"
    if not has_data:
        data = (
            "\nThe data is too large for this folder, or was not there. Give it with `--data`: an "
            f".npz file with images of bytes (n, {', '.join(map(str, _shape(network)))}) in "
            "`x_train` and `x_test`, and the numbers of their classes in `y_train` and `y_test`.\n"
        )
    return _TEXT.format(
        version=version(),
        shape=format_shape(_shape(network)),
        scaling=standard,
        classes=len(names),
        names=shown,
        data=data,
        batch=network.settings.batch_size,
        more=" (own drawings are in data.npz)" if network.settings.drawings else "",
        proof=UNPROVED,
    )


def _shape(network: TrainedNetwork) -> tuple[int, ...]:
    return network.report.rows[0].input_shape or ()
