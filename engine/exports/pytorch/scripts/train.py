"""Train the network of model.py on, in one process or, with torchrun, in several.

README.md has the lines to type. Each epoch ends with a checkpoint in the run folder, from which a
run that was stopped or killed goes on as if it had not been.
"""

import argparse
import math
import os
import signal
import sys
import time
from pathlib import Path

import torch
import torch.distributed as dist
from safetensors.torch import save_file
from torch import nn
from torch.distributed.elastic.multiprocessing.errors import record
from torch.distributed.rendezvous import rendezvous
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data.distributed import DistributedSampler

from model import HERE, load_model
from read_data import read_data
from run_folder import Run, checksums, from_first, torch_weights, write_whole

# -- what the project says --
EPOCHS, BATCH, LEARNING_RATE, SEED = 20, 1, 0.1, 0
CLASS_NUMBERS = (0, 1)
LOCKED, LOCKED_KERNELS = (), {}
TARGET_ACCURACY, PATIENCE = 0.0, 0


def make_optimizer(parameters, rate):
    return torch.optim.SGD(parameters, lr=rate)


def rate_factor(gone, epochs):
    return 1.0


def scorer_of(model):
    return model


def loss_of(scores, labels):
    return functional.mse_loss(scores, functional.one_hot(labels, scores.shape[1]).to(scores.dtype))


augmented = None
# -- the rest is the same for every project --


@record  # so that torchrun shows the error of the process that failed first
def main():
    options = read_options()
    rank, world = join_processes()
    data = read_data(options.data, CLASS_NUMBERS)
    options.batch = whole_batch(options.batch, world, len(data["train"][0]))
    device = torch.device("cuda", torch.cuda.current_device()) if on_gpu() else torch.device("cpu")
    model = load_model().to(device, getattr(torch, options.dtype))
    for name in LOCKED:
        model.get_submodule(name).requires_grad_(False)
    learning = [each for each in model.parameters() if each.requires_grad]
    if not learning:
        sys.exit("Nothing in this network learns, so there is nothing to train.")
    if options.batch == world and any(isinstance(m, nn.BatchNorm1d) for m in model.modules()):
        sys.exit("BatchNorm needs more than one image in each process. Give a larger --batch.")
    optimizer = make_optimizer(learning, options.learning_rate)
    run = Run(options, rank, world)
    try:
        train(model, optimizer, data, run, options)
    except KeyboardInterrupt:
        run.end("stopped", f"\nStopped. To go on from the last whole epoch: --run {run.folder}")
        sys.exit(130)
    except BaseException:
        run.end("failed")
        raise
    run.end("finished", f"The run is in {run.folder}")
    if rank == 0 and options.out:
        arrays = torch_weights(model)
        write_whole(options.out, lambda path: save_file(arrays, path, checksums(arrays)))
        print(f"The weights are in {options.out}")
    if world > 1:
        dist.barrier()  # so that all leave together
        dist.destroy_process_group()


def train(model, optimizer, data, run, options):
    """Train from the last checkpoint on, if there is one, to the last epoch."""
    done = run.resume(model, optimizer)
    scorer = scorer_of(model)
    # Over the processes, gradients become their mean: the step is that of the whole batch. Only
    # BatchNorm looks at the part of each process alone; the first one's running statistics stay.
    learner = DistributedDataParallel(scorer) if run.world > 1 else scorer
    # Shuffled by the seed and the epoch, so that batch k is the same set of images for any number
    # of processes. What is left at the end, less than a batch, has its turn in another epoch.
    sampler = DistributedSampler(
        data["train"][0], run.world, run.rank, seed=options.seed, drop_last=True
    )
    for epoch in range(done + 1, options.epochs + 1):
        sampler.set_epoch(epoch)
        torch.manual_seed(options.seed + 1_000_003 * epoch + run.rank)  # what Dropout draws from
        places = torch.tensor(list(sampler))
        line = train_epoch(model, learner, optimizer, data["train"], places, epoch, run, options)
        if not math.isfinite(line["loss"]):
            sys.exit("The loss is no longer finite. Train with a lower learning rate.")
        reason = ""
        if run.rank == 0:  # the others wait for what it says
            line |= evaluate(model, scorer, data["test"], "test")
            if "valid" in data:
                line |= evaluate(model, scorer, data["valid"], "validation")
            reason = why_end(epoch, line, run)
            run.keep(epoch, line, model, optimizer)
        reason = from_first(reason, run.world)
        if reason:
            run.say(f"Training ends here: {reason}.")
            return


def train_epoch(model, learner, optimizer, data, places, epoch, run, options):
    """Train with the images at some places, a share of each batch; return what to note of it."""
    started = time.perf_counter()
    images, labels = data
    parameter = next(model.parameters())
    device = parameter.device
    share = options.batch // run.world
    steps = len(places) // share
    # Six random numbers for each image, the same for any number of processes.
    dice = torch.Generator().manual_seed(options.seed + 1_000_003 * epoch)
    draws = torch.rand(len(images), 6, generator=dice) if augmented else None
    sums = torch.zeros(3, dtype=torch.float64, device=device)  # loss, right, images
    model.train()
    for name in LOCKED:
        model.get_submodule(name).eval()
    for step in range(steps):
        for group in optimizer.param_groups:
            gone = epoch - 1 + step / steps
            group["lr"] = options.learning_rate * rate_factor(gone, options.epochs)
        part = places[step * share : (step + 1) * share]
        inputs, wanted = as_inputs(images[part], parameter), labels[part].to(device)
        if augmented:
            inputs = augmented(inputs, draws[part].to(inputs))
        optimizer.zero_grad()
        scores = learner(inputs)
        loss = loss_of(scores, wanted)
        loss.backward()
        step_without_locked(model, optimizer)
        right = (scores.argmax(dim=1) == wanted).sum().item()
        found = [loss.item() * len(part), right, len(part)]
        sums += torch.tensor(found, dtype=sums.dtype, device=device)
    if run.world > 1:
        dist.all_reduce(sums)
    loss, right, count = sums.tolist()
    seconds = time.perf_counter() - started
    return {
        "epoch": epoch,
        "epochs": options.epochs,
        "loss": loss / count,
        "accuracy": right / count,
        "samples_per_second": count / seconds,
        "seconds": seconds,
        "learning_rate": options.learning_rate,
    }


@torch.no_grad()
def step_without_locked(model, optimizer):
    """Do a step, and put the locked kernels back, which momentum or decay would have moved."""
    held = [
        (array, kernels, array[kernels].clone())
        for name, kernels in LOCKED_KERNELS.items()
        for array in model.get_submodule(name).parameters()
    ]
    optimizer.step()
    for array, kernels, values in held:
        array[kernels] = values


@torch.no_grad()
def evaluate(model, scorer, data, name):
    """Return the loss and the accuracy over some images."""
    images, labels = data
    loss = right = 0.0
    parameter = next(model.parameters())
    model.eval()
    for part in torch.arange(len(images)).split(500):
        wanted = labels[part].to(parameter.device)
        scores = scorer(as_inputs(images[part], parameter))
        outputs = scores if scorer is model else model[-1](scores)
        loss += loss_of(scores, wanted).item() * len(part)
        right += (outputs.argmax(dim=1) == wanted).sum().item()
    return {f"{name}_loss": loss / len(images), f"{name}_accuracy": right / len(images)}


def why_end(epoch, line, run):
    """Return why training ends before its last epoch; empty if it does not."""
    watched = "validation" if "validation_loss" in line else "test"
    if line[f"{watched}_loss"] < run.best["loss"]:
        run.best = {"loss": line[f"{watched}_loss"], "epoch": epoch}
    if TARGET_ACCURACY and line[f"{watched}_accuracy"] >= TARGET_ACCURACY:
        return f"the {watched} accuracy has reached its target"
    if PATIENCE and epoch - run.best["epoch"] >= PATIENCE:
        return f"the {watched} loss has not improved for {PATIENCE} epochs"
    return ""


def as_inputs(images, parameter):
    """Return bytes as values from 0 to 1, where the model is and of its type."""
    return images.to(parameter.device, parameter.dtype) / 255


def join_processes():
    """Return the number of this process and how many there are: 0 and 1 without torchrun."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite kill ends as Ctrl+C does
    if not dist.is_torchelastic_launched():
        return 0, 1
    store, rank, world = next(rendezvous("env://"))
    if os.environ["LOCAL_WORLD_SIZE"] == os.environ["WORLD_SIZE"]:  # all are on this machine
        if sys.platform == "linux":
            os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")  # a host's name may have no address
        # PyTorch 2.15 keeps the store where processes are started again, with the addresses of
        # those before in it, to which the new ones would try to connect.
        store = dist.PrefixStore(os.environ["TORCHELASTIC_RESTART_COUNT"], store)
    if on_gpu():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group(
        "nccl" if on_gpu() else "gloo", store=store, rank=rank, world_size=world
    )
    return rank, world


def on_gpu():
    """Return whether there is a GPU for each process of this machine."""
    wanted = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    return torch.cuda.is_available() and torch.cuda.device_count() >= wanted


def whole_batch(batch, world, images):
    """Return how many images a batch has; that of the project grows until all can share it."""
    if batch is None:
        batch = world * math.ceil(BATCH / world)
    if batch % world:
        sys.exit(f"--batch {batch} cannot be divided among {world} processes. Choose a multiple.")
    if batch > images:
        sys.exit(f"A batch of {batch} is more than the {images} training images. Give --batch.")
    return batch


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, default=HERE / "data.npz", help="an .npz file or folder of IDX files")
    add("--epochs", type=int, default=EPOCHS, help="how many in all")
    add("--batch", type=int, help=f"images in a batch, of all processes together; {BATCH}")
    add("--learning-rate", type=float, default=LEARNING_RATE)
    add("--seed", type=int, default=SEED)
    add("--dtype", choices=("float32", "float64"), default="float32")
    add("--out", type=Path, help="write the trained weights here, as .safetensors")
    add("--run", type=Path, help="the run folder; a run that is there already is gone on with")
    options = parser.parse_args()
    if options.epochs < 1 or (options.batch is not None and options.batch < 1):
        parser.error("--epochs and --batch are at least 1")
    if options.out and not options.out.absolute().parent.is_dir():
        parser.error(f"the folder of --out {options.out} does not exist")
    return options


if __name__ == "__main__":
    main()
