"""The six assignments: for every task how its arguments are drawn, its law, and its named mistakes.

The laws are evaluated, not looked up: a derivative is taken by the complex step of the cost itself, so that a result
is never compared with the formula that the student is to write. There is one file per assignment.
"""

from __future__ import annotations

from .digit_reader import DIGIT_READER
from .forward_propagation import FORWARD
from .gradients import GRADIENTS
from .hidden_recursion import HIDDEN_RECURSION
from .one_neuron import ONE_NEURON
from .outputs import OUTPUT_DELTA

ASSIGNMENTS = {
    assignment.name: assignment
    for assignment in (ONE_NEURON, FORWARD, OUTPUT_DELTA, HIDDEN_RECURSION, GRADIENTS, DIGIT_READER)
}
