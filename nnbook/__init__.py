"""The verified companion of the book: the four formulas of backpropagation, called one at a time or trained with.

Importing `nnbook` needs NumPy alone. Plots, data sets, interactive figures and the equation checker are imported when
they are first used. It is written to be read beside the book; train large models elsewhere.
"""

import importlib

from .activations import (
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
from .answers import check_answer
from .callbacks import Checkpoint, EarlyStopping, LearningRateSchedule, ReduceLROnPlateau
from .costs import BinaryCrossEntropy, CategoricalCrossEntropy, SquaredError
from .counting import Flops, flops
from .diagnosis import diagnose
from .encoding import labels_of, one_hot
from .formulas import bias_gradient, hidden_delta, output_delta, weight_gradient
from .gradcheck import check_gradients, numerical_gradients, relative_error
from .layers import Activation, BatchNorm, Dense, Dropout, Flatten, Input
from .metrics import accuracy
from .network import Gradients, Network, Trace, backprop, parameter_count
from .numerical import numerical_gradient
from .optimizers import SGD, Adagrad, Adam, RMSprop
from .penalties import L1, L1L2, L2
from .schedules import Constant, CosineDecay, ExponentialDecay, StepDecay
from .sequential import Sequential
from .training import Callback, History, fit

__version__ = "0.1.0"

_LAZY_MODULES = {"datasets", "distributed", "equations", "interactive", "plots", "tape"}
_LAZY_NAMES = {"NetworkClassifier": "estimators", "NetworkRegressor": "estimators", "verify": "equations"}

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "SGD",
    "Activation",
    "Adagrad",
    "Adam",
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
    "backprop",
    "bias_gradient",
    "check_answer",
    "check_gradients",
    "diagnose",
    "fit",
    "flops",
    "hidden_delta",
    "identity",
    "labels_of",
    "leaky_relu",
    "numerical_gradient",
    "numerical_gradients",
    "one_hot",
    "output_delta",
    "parameter_count",
    "relative_error",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
    "step",
    "tanh",
    "weight_gradient",
    *sorted(_LAZY_MODULES),
    *sorted(_LAZY_NAMES),
]


def __getattr__(name):
    if name in _LAZY_MODULES:
        return importlib.import_module(f".{name}", __name__)
    if name in _LAZY_NAMES:
        return getattr(importlib.import_module(f".{_LAZY_NAMES[name]}", __name__), name)
    raise AttributeError(f"module 'nnbook' has no attribute {name!r}")


def __dir__():
    return __all__
