"""Reproduces a published training on handwritten digits, digit for digit: `python benchmarks/reproduce_published.py`.

The run is that of chapter 12 of Raschka & Mirjalili, *Python Machine Learning*, third edition (2019): 784-100-10 with
sigmoid units, binary cross-entropy, weights N(0, 0.1²), biases 0, batches of 100, 200 epochs, 55,000 samples to learn
from, the last 5,000 to validate. Its η = 0.0005 and λ = 0.01 act on the sum over a batch; with J, which divides by the
batch size, they are η = 0.05 and λ = 0.0001. It needs the MNIST files and takes some minutes on one core.
"""

# ruff: noqa: E402
import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before NumPy is imported

import argparse
import json
import sys
import time

import numpy as np

import nnbook as nn
from nnbook.training import checkpoints

PUBLISHED = {"cost": 5065.78, "training": 0.9928, "validation": 0.9798, "test": 0.9754}


def network(rng):
    """Return the network with its weights drawn as in the published run: input by output, the hidden layer first."""
    net = nn.Network([784, 100, 10], "sigmoid", initializer="zeros")
    for l in net.W:
        outputs, inputs = net.W[l].shape
        net.W[l] = rng.normal(0.0, 0.1, (inputs, outputs)).T
    return net


def train(net, X, T, rng, epochs, **options):
    return nn.fit(
        net,
        X,
        T,
        nn.BinaryCrossEntropy(),
        optimizer=nn.SGD(learning_rate=0.05),
        epochs=epochs,
        batch_size=100,
        penalty=nn.L2(0.0001),
        rng=rng,
        **options,
    )


def published_cost(net, X, T):
    """Return the cost as published: the sum over the last batch or set, plus λ Σ w² with λ = 0.01 and no ½."""
    summed = nn.BinaryCrossEntropy().from_z(net.forward(X).z[net.L], T, net.f[net.L]).sum()
    return float(summed) + 0.01 * sum(float((W**2).sum()) for W in net.W.values())


class Keep(nn.Callback):
    """Writes the state after `epoch` as if there were no callback, for a chapter that continues from it."""

    def __init__(self, path, epoch):
        self.path, self.epoch = path, epoch

    def after_epoch(self, run):
        if run.epoch == self.epoch:
            arrays = checkpoints.packed(run)
            state = json.loads(str(arrays["meta"]))
            state["callbacks"] = state["settings"]["callbacks"] = []
            checkpoints.write(self.path, arrays | {"meta": np.array(json.dumps(state))})


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument(
        "--keep", metavar="FILE.npz", help="write the state two epochs before the end, measured after each"
    )
    options = parser.parse_args(arguments)
    (X, labels), (X_test, labels_test) = load()
    T = nn.one_hot(labels, 10)
    rng = np.random.RandomState(1)  # draws the weights, then shuffles
    net = network(rng)
    start = time.process_time()
    measured = {"evaluate_every": options.epochs}
    if options.keep:
        measured = {"validation": (X[55_000:], T[55_000:]), "callbacks": [Keep(options.keep, options.epochs - 2)]}
    train(net, X[:55_000], T[:55_000], rng, options.epochs, **measured)
    found = {
        "cost": published_cost(net, X[:55_000], T[:55_000]),
        "training": nn.accuracy(net.predict(X[:55_000]), labels[:55_000]),
        "validation": nn.accuracy(net.predict(X[55_000:]), labels[55_000:]),
        "test": nn.accuracy(net.predict(X_test), labels_test),
    }
    print(f"{options.epochs} epochs, {time.process_time() - start:.0f} s of CPU")
    same = True
    for name, value in found.items():
        digits = 2 if name == "cost" else 4
        agrees = abs(value - PUBLISHED[name]) <= (0.05 if name == "cost" else 0.00005)
        same = same and agrees
        verdict = "agrees" if agrees else "DIFFERS"
        print(f"{name:10}  here {value:.{digits}f}  published {PUBLISHED[name]:.{digits}f}  {verdict}")
    return 0 if same else 1


def load():
    """Return (X, labels) for training and for test, pixels scaled to [−1, 1] as (x/255 − ½) · 2."""
    return [(nn.datasets.scale_pixels(images), labels) for images, labels in nn.datasets.mnist()]


if __name__ == "__main__":
    sys.exit(main())
