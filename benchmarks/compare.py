"""Measures the package side by side with plain NumPy, scikit-learn and PyTorch: `python benchmarks/compare.py`.

Everything that is compared runs in one process, in turn, on one thread; CPU time is counted, each round gives a ratio,
and the median of the ratios is reported. Writes README.md, results.json and, if matplotlib is installed, ratios.svg
beside this file. Rows whose library or data is missing are left out, and the output names them.
"""

# ruff: noqa: E402
import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before NumPy is imported

import argparse
import itertools
import json
import platform
import statistics
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import surroundings
from textbook import Bare, Textbook

import nnbook as nn

HERE = Path(__file__).resolve().parent
SIZES, BATCH, RATE = [784, 100, 10], 100, 0.05
COST = nn.BinaryCrossEntropy()


def in_turn(thunks, rounds):
    """Return the CPU seconds of each thunk in each round, after one warm-up round."""
    times = {name: [] for name in thunks}
    for i in range(rounds + 1):
        for name, thunk in thunks.items():
            start = time.process_time()
            thunk()
            if i:
                times[name].append(time.process_time() - start)
    return times


def ratio(times, name, other):
    return statistics.median(a / b for a, b in zip(times[name], times[other], strict=True))


def images(n, dtype):
    """Return n inputs of the size and about the brightness of scanned digits, with random one-hot labels."""
    rng = np.random.default_rng(0)
    ink = rng.random((n, SIZES[0]), np.float32) * (rng.random((n, SIZES[0]), np.float32) < 0.2)
    return ink.astype(dtype), nn.one_hot(rng.integers(0, SIZES[-1], n), SIZES[-1]).astype(dtype)


def five_products(dtype, steps):
    """Return a thunk that computes the matrix products of `steps` training steps, into existing arrays."""
    rng = np.random.default_rng(0)
    (n1, n2, n3), arrays = SIZES, {}
    for name, shape in {
        "x": (BATCH, n1), "W2": (n2, n1), "W3": (n3, n2), "a2": (BATCH, n2), "delta3": (BATCH, n3),
        "z2": (BATCH, n2), "z3": (BATCH, n3), "delta2": (BATCH, n2), "dW2": (n2, n1), "dW3": (n3, n2),
    }.items():  # fmt: skip
        arrays[name] = rng.random(shape).astype(dtype)
    x, W2, W3, a2, delta3, z2, z3, delta2, dW2, dW3 = arrays.values()

    def run():
        for _ in range(steps):
            np.dot(x, W2.T, out=z2)
            np.dot(a2, W3.T, out=z3)
            np.dot(delta3, W3, out=delta2)
            np.dot(delta3.T, a2, out=dW3)
            np.dot(delta2.T, x, out=dW2)

    return run


def torch_model(sizes, dtype, activation):
    import torch

    torch.set_num_threads(1)
    kind = torch.float64 if dtype == "float64" else torch.float32
    layers = []
    for before, after in itertools.pairwise(sizes):
        layers += [torch.nn.Linear(before, after, dtype=kind), getattr(torch.nn, activation)()]
    return torch, torch.nn.Sequential(*layers[:-1])


def training_steps(dtype, rounds, samples=6_000, epochs=20):
    """The step of 784-100-10: sigmoid outputs, binary cross-entropy, batch 100, shuffled."""
    X, T = images(samples, dtype)
    net, rng = nn.Network(SIZES, rng=0, dtype=dtype), np.random.default_rng(0)
    plain = Textbook(SIZES, np.random.default_rng(0), dtype)
    bare = Bare(SIZES, BATCH, np.random.default_rng(0), dtype)
    steps = epochs * samples // BATCH
    thunks = {
        # None of the others measures anything while it trains, so fit measures only after the last epoch.
        "fit": lambda: nn.fit(
            net, X, T, COST, optimizer=nn.SGD(RATE), epochs=epochs, batch_size=BATCH, rng=rng, evaluate_every=epochs
        ),
        "five matrix products": five_products(dtype, steps),
        "the bare array operations of a step": lambda: bare.fit(X, T, RATE, epochs, rng),
        "plain NumPy": lambda: plain.fit(X, T, RATE, epochs, BATCH, rng),
    }
    try:
        from sklearn.neural_network import MLPClassifier
    except ImportError:
        print("scikit-learn is not installed: its rows are left out")
    else:
        classifier = MLPClassifier(
            (SIZES[1],), activation="logistic", solver="sgd", alpha=0, batch_size=BATCH, learning_rate_init=RATE,
            momentum=0, nesterovs_momentum=False, max_iter=epochs, tol=0, n_iter_no_change=10**9, random_state=0,
        )  # fmt: skip
        labels = T.astype(int)  # with one-hot targets its outputs are sigmoids with binary cross-entropy
        thunks["scikit-learn"] = lambda: classifier.fit(X, labels)
    try:
        torch, model = torch_model(SIZES, dtype, "Sigmoid")
    except ImportError:
        print("PyTorch is not installed: its rows are left out")
    else:
        loss = torch.nn.BCEWithLogitsLoss(reduction="sum")
        optimizer = torch.optim.SGD(model.parameters(), lr=RATE, fused=True)
        inputs, targets = torch.from_numpy(X), torch.from_numpy(T)

        def train():
            for _ in range(epochs):
                order = torch.randperm(samples)
                for start in range(0, samples, BATCH):
                    rows = order[start : start + BATCH]
                    optimizer.zero_grad()
                    (loss(model(inputs[rows]), targets[rows]) / BATCH).backward()
                    optimizer.step()

        thunks["PyTorch eager, fused SGD"] = train
    times = in_turn(thunks, rounds)
    targets = {
        # No NumPy program can be faster than the bare operations, see README.md.
        "five matrix products": {"float64": 1.40, "float32": 1.45},
        "the bare array operations of a step": {"float64": 1.15, "float32": 1.15},
        "scikit-learn": {"float64": 0.75, "float32": 0.65},
        "PyTorch eager, fused SGD": {"float64": 0.82, "float32": 0.58},
    }
    microseconds = statistics.median(times["fit"]) / steps * 1e6
    for other in list(thunks)[1:]:
        target = targets.get(other, {}).get(dtype)
        yield row("a training step of 784-100-10", dtype, other, ratio(times, "fit", other), target, microseconds)


def measured_epochs(dtype, rounds, samples=10_000, epochs=2):
    """Training with a penalty, and with cost and both accuracies after each epoch, as the published run does it."""
    X, T = images(samples * 11 // 10, dtype)
    validation, X, T = (X[samples:], T[samples:]), X[:samples], T[:samples]
    net, rng = nn.Network(SIZES, rng=0, dtype=dtype), np.random.default_rng(0)
    plain = Textbook(SIZES, np.random.default_rng(0), penalty=1e-4)  # float64, NumPy's default
    as_float64 = [array.astype(np.float64) for array in (X, T, *validation)]
    thunks = {
        "fit": lambda: nn.fit(
            net,
            X,
            T,
            COST,
            optimizer=nn.SGD(RATE),
            epochs=epochs,
            batch_size=BATCH,
            penalty=nn.L2(1e-4),
            rng=rng,
            validation=validation,
        ),
        "plain": lambda: plain.fit(*as_float64[:2], RATE, epochs, BATCH, rng, validation=as_float64[2:]),
    }
    times = in_turn(thunks, rounds)
    target = {"float64": 0.80, "float32": 0.40}[dtype]  # no NumPy program can get below 0.53 and 0.26, see README.md
    other = "plain NumPy (float64) that evaluates the training set twice"
    found = ratio(times, "fit", "plain")
    yield row(
        "an epoch with L2, cost and both accuracies",
        dtype,
        other,
        found,
        target,
        statistics.median(times["fit"]) / epochs * 1e6,
    )


def small_steps(dtype, rounds, epochs=30):
    """The step of 12-3-2 at batch 1."""
    X, labels = nn.datasets.digits_4x3()
    X, T = X.astype(dtype), nn.one_hot(labels, 2).astype(dtype)
    net, rng = nn.Network([12, 3, 2], rng=0, dtype=dtype), np.random.default_rng(0)
    plain = Textbook([12, 3, 2], np.random.default_rng(0), dtype)
    thunks = {
        "fit": lambda: nn.fit(
            net, X, T, COST, optimizer=nn.SGD(RATE), epochs=epochs, batch_size=1, rng=rng, evaluate_every=epochs
        ),
        "plain": lambda: plain.fit(X, T, RATE, epochs, 1, rng),
    }
    times = in_turn(thunks, 3 * rounds)
    microseconds = statistics.median(times["fit"]) / (epochs * len(X)) * 1e6
    yield row("a step of 12-3-2, one sample", dtype, "plain NumPy", ratio(times, "fit", "plain"), 0.75, microseconds)


def numerical_gradients(rounds, repeats=20):
    """The 47 numerical derivatives of 12-3-2 on 10 samples."""
    X, labels = nn.datasets.digits_4x3()
    X, T = X[::7][:10], nn.one_hot(labels, 2)[::7][:10]
    net, plain = nn.Network([12, 3, 2], rng=0), Textbook([12, 3, 2], np.random.default_rng(0))
    thunks = {
        "batched": lambda: [nn.numerical_gradients(net, X, T, COST) for _ in range(repeats)],
        "plain": lambda: [plain.numerical_gradient(X, T) for _ in range(repeats)],
    }
    times = in_turn(thunks, 2 * rounds)
    microseconds = statistics.median(times["batched"]) / repeats * 1e6
    other = "plain NumPy, a loop over the parameters"
    yield row(
        "the numerical gradient of 12-3-2", "float64", other, ratio(times, "batched", "plain"), 1 / 6, microseconds
    )


def handwritten_digits(rounds=3, epochs=3):
    """784-256-10 on MNIST to 98 %: the same recipe in the package and in PyTorch."""
    try:
        (X, labels), (X_test, labels_test) = mnist()
    except nn.datasets.DataError as error:
        print(f"MNIST is missing, so its row is left out: {error}")
        return
    T, batch, found = nn.one_hot(labels, 10).astype(np.float32), 64, {}
    schedule = nn.CosineDecay(0.15, decay_steps=epochs * -(-len(X) // batch))

    def ours(seed=0):
        rng = np.random.default_rng(seed)
        net = nn.Network([784, 256, 10], ["relu", "softmax"], initializer="he_normal", rng=rng, dtype="float32")
        optimizer = nn.SGD(schedule, momentum=0.9)
        options = {"epochs": epochs, "batch_size": batch, "rng": rng, "evaluate_every": epochs}
        nn.fit(net, X, T, nn.CategoricalCrossEntropy(), optimizer=optimizer, **options)
        found["ours"] = nn.accuracy(net.predict(X_test), labels_test)

    thunks = {"ours": ours}
    try:
        torch, _ = torch_model([1, 1], "float32", "ReLU")
    except ImportError:
        print("PyTorch is not installed: its row is left out")
        return
    inputs, targets = torch.from_numpy(X), torch.from_numpy(np.asarray(labels, np.int64))

    def theirs():
        torch.manual_seed(0)
        _, model = torch_model([784, 256, 10], "float32", "ReLU")
        for layer in (model[0], model[2]):
            torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            torch.nn.init.zeros_(layer.bias)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.15, momentum=0.9, fused=True)
        loss, step = torch.nn.CrossEntropyLoss(), 0
        for _ in range(epochs):
            order = torch.randperm(len(X))
            for start in range(0, len(X), batch):
                rows = order[start : start + batch]
                optimizer.param_groups[0]["lr"] = schedule(step)
                optimizer.zero_grad()
                loss(model(inputs[rows]), targets[rows]).backward()
                optimizer.step()
                step += 1
        with torch.no_grad():
            outputs = model(torch.from_numpy(X_test)).numpy()
        found["theirs"] = nn.accuracy(outputs, labels_test)

    thunks["theirs"] = theirs
    times = in_turn(thunks, rounds)
    print(f"MNIST test accuracy after {epochs} epochs: {found['ours']:.4f}, PyTorch {found['theirs']:.4f}")
    what = f"784-256-10 on MNIST, {epochs} epochs to {100 * found['ours']:.2f} %"
    seconds = statistics.median(times["ours"])
    yield row(what, "float32", "PyTorch eager, fused SGD", ratio(times, "ours", "theirs"), 0.85, seconds * 1e6)


def one_prediction(dtype, rounds):
    """A prediction of one row, 784-100-10."""
    thunks, repeats, rounds = surroundings.one_row(dtype, rounds)
    times = in_turn(thunks, rounds)
    microseconds = statistics.median(times["predict"]) / repeats * 1e6
    targets = {
        "two matrix products": {"float64": 3.0, "float32": 3.0},
        "plain NumPy, which checks nothing": {"float64": 1.3, "float32": 1.3},
    }
    for other, target in targets.items():
        found = ratio(times, "predict", other)
        yield row("the prediction of one row, 784-100-10", dtype, other, found, target[dtype], microseconds)


def memory(samples=1_000_000):
    """Memory beyond the data, as a share of the data."""
    for name, size, peak, seconds in surroundings.memory(samples):
        what = f"memory of {name}, {samples:,} × 784"
        yield row(what, "float32", "the data", peak / size, 0.05, seconds * 1e6)


def grading(submissions=20):
    """A submission graded in its sandbox, beside its own code in a new Python."""
    found = surroundings.graded(submissions)
    if found is None:
        print("submissions cannot be isolated here (see the page for teachers): their row is left out")
        return
    seconds, own = found
    what, other = "the grading of a submission, by the clock", "its own code in a new Python"
    yield row(what, "float64", other, seconds / own, 1.75, seconds * 1e6)


def imports(rounds):
    """`import nnbook` in a new Python, beside `import numpy`; and its checker of equations."""
    ours, numpy, checker = surroundings.import_seconds(rounds)
    yield row("import nnbook, in a new Python", "float64", "import numpy", ours / numpy, 2.00, ours * 1e6)
    yield row("import nnbook.equations, in a new Python", "float64", "0.6 s", checker / 0.6, 1.00, checker * 1e6)


def equations():
    """Every equation of the book, read and evaluated by the command; and an equation of somebody else's notes."""
    seconds = surroundings.equations_seconds()
    yield row("all equations of the book", "float64", "10 s", seconds / 10, 1.00, seconds * 1e6)
    seconds = surroundings.notes_seconds()
    yield row("an equation of others' notes, their notation found out", "float64", "0.2 s", seconds / 0.2, 1.00,
              seconds * 1e6)  # fmt: skip


def mnist():
    """Return (inputs, labels) for training and for test, pixels from 0 to 1 in float32."""
    return [
        (nn.datasets.scale_pixels(images, 0, 1, dtype="float32"), labels)
        for images, labels in nn.datasets.mnist(download=False)
    ]


def row(what, dtype, other, found, target, microseconds):
    met = "" if target is None else ("yes" if found <= target else "no")
    print(
        f"{what}, {dtype}, to {other}: {found:.3f}" + (f" (target {target:.2f}: {met})" if target else ""), flush=True
    )
    return {"what": what, "dtype": dtype, "to": other, "ratio": round(found, 3), "target": target, "met": met,
            "microseconds": round(microseconds, 1)}  # fmt: skip


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"


def versions():
    found = {"Python": platform.python_version(), "NumPy": np.__version__}
    for name, module in (("scikit-learn", "sklearn"), ("PyTorch", "torch")):
        if module in sys.modules:
            found[name] = sys.modules[module].__version__
    return found


def clock(microseconds):
    """Return a time as printed, with its unit on the same line."""
    unit, size = next((unit, size) for unit, size in (("s", 1e6), ("ms", 1e3), ("µs", 0)) if microseconds >= size)
    amount = microseconds / (size or 1)
    return f"{amount:,.3g}\N{NO-BREAK SPACE}{unit}"


def write(rows):
    results = {"processor": processor(), "versions": versions(), "rows": rows}
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    lines = []
    for what, group in itertools.groupby(rows, key=lambda r: r["what"]):
        group = list(group)
        clocks = {r["dtype"]: clock(r["microseconds"]) for r in group}
        times = ", ".join(f"{time} in {dtype}" for dtype, time in clocks.items())
        lines += [f"**{what[0].upper()}{what[1:]}**: {times}.", ""]
        lines += ["| compared with | numbers | ratio | target |", "| --- | --- | ---: | --- |"]
        for r in group:
            verdict = "met" if r["met"] == "yes" else "not met"
            target = "" if r["target"] is None else f"≤\N{NO-BREAK SPACE}{r['target']:.2f}, {verdict}"
            lines.append(f"| {r['to']} | {r['dtype']} | {r['ratio']:.3f} | {target} |")
        lines.append("")
    made = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    table = "\n".join([*lines, f"Measured on one thread of: {processor()}; {made}."])
    readme = HERE / "README.md"
    begin, end = "<!-- table: written by compare.py -->", "<!-- end of table -->"
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    readme.write_text(f"{before}{begin}\n\n{table}\n\n{end}{after}", encoding="utf-8")


def draw(rows):
    try:
        import matplotlib
    except ImportError:
        print("matplotlib is not installed: no picture is drawn")
        return
    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    nn.plots.use_book_style()
    colours = {"float64": nn.plots.COLOURS["activation"], "float32": nn.plots.COLOURS["weight"]}
    figure, ax = plt.subplots(figsize=(5, 0.6 * len(rows) + 1))
    for i, r in enumerate(rows):
        ax.barh(i, r["ratio"], 0.4, color=colours[r["dtype"]])
        # Above its bar, not beside it, so that the text stays large on a phone.
        words = f"{r['what'].split(',')[0]}, to {r['to'].split(' that')[0].split(',')[0]}"
        ax.text(0, i - 0.25, words, va="bottom", fontsize=10, in_layout=False)
        if r["target"] is not None:
            ax.plot([r["target"]] * 2, [i - 0.2, i + 0.28], "-", color=nn.plots.COLOURS["delta"])
    ax.set(xlabel="CPU time as a multiple (line: the target)", yticks=[], ylim=(len(rows) - 0.5, -0.8))
    handles = [plt.Rectangle((0, 0), 1, 1, color=colour, label=dtype) for dtype, colour in colours.items()]
    figure.legend(handles=handles, loc="outside upper left", ncols=2)
    figure.savefig(HERE / "ratios.svg", transparent=True, metadata={"Date": None})
    plt.close(figure)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="how often each pair is measured")
    parser.add_argument("--dry-run", action="store_true", help="print only, write nothing")
    parser.add_argument("--only", help="run only the benchmark functions whose name contains this")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")  # scikit-learn warns that so few epochs do not converge
    jobs = [
        (f, dtype)
        for f in (training_steps, measured_epochs, small_steps, one_prediction)
        for dtype in ("float64", "float32")
    ]
    rows = []
    for function, dtype in jobs:
        if not options.only or options.only in function.__name__:
            rows += function(dtype, options.rounds)
    for function, arguments in (
        (numerical_gradients, [options.rounds]),
        (handwritten_digits, [3]),
        (imports, [options.rounds]),
        (memory, []),
        (equations, []),
        (grading, []),
    ):
        if not options.only or options.only in function.__name__:
            rows += function(*arguments)
    if not (options.dry_run or options.only):
        write(rows)
        draw(rows)


if __name__ == "__main__":
    main()
