"""The six assignments: for every task how its arguments are drawn, the law, and the mistakes that have names.

The laws are evaluated, not looked up: a derivative is taken by the complex step of the cost itself, so that the formula
which the student is to write is never what the result is compared with. One file holds one assignment.
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
