"""The verified companion of the book: the four formulas of backpropagation, called one at a time or used in training.

Importing `nnbook` needs only NumPy. Plots, data sets, interactive figures and the equation checker are imported when
they are first used. It is written to be read beside the book; train large models elsewhere.
"""

import importlib

from .checking.answers import check_answer
from .checking.counting import Flops, flops
from .checking.gradcheck import check_gradients, numerical_gradients, relative_error
from .checking.numerical import numerical_gradient
from .core import activations, costs, initializers, penalties
from .core.activations import (
    LeakyReLU,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softmax,
    softplus,
    step,
    tanh,
)
from .core.batchnorm import BatchNorm
from .core.bylayer import parameter_count
from .core.checked import bias_gradient, hidden_delta, output_delta, weight_gradient
from .core.costs import BinaryCrossEntropy, CategoricalCrossEntropy, SquaredError
from .core.encoding import labels_of, one_hot
from .core.extras import missing as _missing
from .core.network import Network
from .core.penalties import L1, L1L2, L2
from .core.propagation import backprop
from .core.trace import Gradients, Trace
from .models.layers import Activation, Dense, Dropout, Flatten, Input
from .models.sequential import Sequential
from .training import callbacks, metrics, optimizers, schedules
from .training.callbacks import Checkpoint, EarlyStopping, LearningRateSchedule, ReduceLROnPlateau
from .training.loop import fit
from .training.metrics import accuracy
from .training.optimizers import SGD, Adagrad, Adam, AdamW, RMSprop
from .training.run import Callback, History
from .training.schedules import Constant, CosineDecay, ExponentialDecay, StepDecay

__version__ = "0.1.0"

# Imported on first use, because they need more than NumPy or are rarely used.
_LAZY_MODULES = {
    "datasets": ".datasets",
    "distributed": ".training.distributed",
    "equations": ".equations",
    "interactive": ".interactive",
    "plots": ".plots",
    "tape": ".checking.tape",
}
_LAZY_NAMES = {
    "NetworkClassifier": ".models.estimators",
    "NetworkRegressor": ".models.estimators",
    "diagnose": ".checking.diagnosis",
    "verify": ".equations",
}

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "SGD",
    "Activation",
    "Adagrad",
    "Adam",
    "AdamW",
    "BatchNorm",
    "BinaryCrossEntropy",
    "Callback",
    "CategoricalCrossEntropy",
    "Checkpoint",
    "Constant",
    "CosineDecay",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "ExponentialDecay",
    "Flatten",
    "Flops",
    "Gradients",
    "History",
    "Input",
    "LeakyReLU",
    "LearningRateSchedule",
    "Network",
    "RMSprop",
    "ReduceLROnPlateau",
    "Sequential",
    "SquaredError",
    "StepDecay",
    "Trace",
    "accuracy",
    "activations",
    "backprop",
    "bias_gradient",
    "callbacks",
    "check_answer",
    "check_gradients",
    "costs",
    "datasets",
    "diagnose",
    "fit",
    "flops",
    "hidden_delta",
    "identity",
    "initializers",
    "interactive",
    "labels_of",
    "leaky_relu",
    "metrics",
    "numerical_gradient",
    "numerical_gradients",
    "one_hot",
    "optimizers",
    "output_delta",
    "parameter_count",
    "penalties",
    "relative_error",
    "relu",
    "schedules",
    "sigmoid",
    "softmax",
    "softplus",
    "step",
    "tanh",
    "tape",
    "weight_gradient",
]


def __getattr__(name):
    module = _LAZY_MODULES.get(name) or _LAZY_NAMES.get(name)
    if module is None:
        raise AttributeError(f"module 'nnbook' has no attribute {name!r}")
    try:
        found = importlib.import_module(module, __name__)
    except ModuleNotFoundError as error:
        # An AttributeError, so that hasattr, help and getmembers skip what is not installed.
        _missing.note(f"{__name__}.{name}", error)
        raise AttributeError(f"nnbook.{name}: {error}") from error
    return found if name in _LAZY_MODULES else getattr(found, name)


def __dir__():
    return sorted({*__all__, *_LAZY_MODULES, *_LAZY_NAMES})
