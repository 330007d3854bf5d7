"""Two networks worked out on paper: the book's 1-3-2 in exact fractions, and Mazur's 2-2-2 to his printed digits."""

import math
from fractions import Fraction as F

import numpy as np
import pytest

import nnbook as nn

LN3 = math.log(3)

# The 1-3-2 network. σ(ln 3) = 3/(3 + 1) = 3/4, σ(0) = 1/2, σ(−ln 3) = 1/4; σ'(±ln 3) = 3/4 · 1/4 = 3/16, σ'(0) = 1/4.
X, T = F(2), [F(1), F(0)]
W2 = [F(1), F(-1), F(1, 2)]  # times ln 3
B2 = [F(-1), F(2), F(-2)]  # times ln 3
W3 = [[F(-2), F(3), F(2)], [F(-1, 2), F(1), F(3, 2)]]
B3 = [F(-1, 2), F(-1, 2)]  # and ln 3 more in the first

# z²_j / ln 3 = w²_j · 2 + b²_j = 2 − 1, −2 + 2, 1 − 2
Z2 = [F(1), F(0), F(-1)]
A2 = [F(3, 4), F(1, 2), F(1, 4)]
D2 = [F(3, 16), F(1, 4), F(3, 16)]
# z³_1 = −2 · 3/4 + 3 · 1/2 + 2 · 1/4 − 1/2 + ln 3 = −3/2 + 3/2 + 1/2 − 1/2 + ln 3 = ln 3
# z³_2 = −1/2 · 3/4 + 1 · 1/2 + 3/2 · 1/4 − 1/2 = −3/8 + 4/8 + 3/8 − 4/8 = 0
A3 = [F(3, 4), F(1, 2)]
D3 = [F(3, 16), F(1, 4)]
# C = ½ ((1 − 3/4)² + (0 − 1/2)²) = ½ (1/16 + 4/16)
COST = F(5, 32)
# δ³ = (a³ − t) σ'(z³) = −1/4 · 3/16, 1/2 · 1/4
DELTA3 = [F(-3, 64), F(1, 8)]
# Σ_j δ³_j w³_{ji}: 6/64 − 4/64, −9/64 + 8/64, −6/64 + 12/64 = 2/64, −1/64, 6/64; times 3/16, 1/4, 3/16
DELTA2 = [F(3, 512), F(-1, 256), F(9, 512)]
# ∂C/∂w³_{ji} = δ³_j a²_i
DW3 = [[F(-9, 256), F(-3, 128), F(-3, 256)], [F(3, 32), F(1, 16), F(1, 32)]]
# ∂C/∂w²_{j1} = δ²_j · 2
DW2 = [[F(3, 256)], [F(-1, 128)], [F(9, 256)]]


def floats(fractions):
    return np.array([[float(x) for x in row] if isinstance(row, list) else float(row) for row in fractions])


def close(array, fractions):
    np.testing.assert_allclose(array, floats(fractions), rtol=0, atol=1e-15)
    return True


def test_the_arithmetic_in_the_comments_is_exact():
    assert [w * X + b for w, b in zip(W2, B2)] == Z2
    assert [sum(w * a for w, a in zip(row, A2)) + b for row, b in zip(W3, B3)] == [0, 0]  # the first is ln 3 short of z
    assert [a * (1 - a) for a in A2] == D2
    assert [a * (1 - a) for a in A3] == D3
    assert sum((t - a) ** 2 for t, a in zip(T, A3)) / 2 == COST
    assert [(a - t) * d for a, t, d in zip(A3, T, D3)] == DELTA3
    assert [sum(DELTA3[j] * W3[j][i] for j in range(2)) * D2[i] for i in range(3)] == DELTA2
    assert [[d * a for a in A2] for d in DELTA3] == DW3
    assert [[d * X] for d in DELTA2] == DW2


def test_the_data_set_holds_these_numbers():
    net, x, t = nn.datasets.one_three_two()
    assert list(net.sizes.values()) == [1, 3, 2]
    assert all(f == nn.sigmoid for f in net.f.values())
    assert x.shape == (1,)
    assert t.shape == (2,)
    assert close(x, [X])
    assert close(t, T)
    assert close(net.W[2] / LN3, [[w] for w in W2])
    assert close(net.b[2] / LN3, B2)
    assert close(net.W[3], W3)
    assert close(net.b[3] - [LN3, 0], B3)
    assert net.parameter_count == 14


def test_one_sample_by_the_four_formulas():
    net, x, t = nn.datasets.one_three_two()
    trace, cost = net.forward(x), nn.SquaredError()
    assert close(trace.z[2] / LN3, Z2)
    assert close(trace.a[2], A2)
    assert close(nn.sigmoid.derivative(trace.z[2]), D2)
    assert close(trace.z[3] / LN3, [F(1), F(0)])
    assert close(trace.a[3], A3)
    assert close(nn.sigmoid.derivative(trace.z[3]), D3)
    assert float(cost(trace.a[3], t)) == pytest.approx(float(COST), abs=1e-15)
    delta_3 = nn.output_delta(cost.gradient(trace.a[3], t), trace.z[3], net.f[3])
    assert close(delta_3, DELTA3)
    delta_2 = nn.hidden_delta(delta_3, net.W[3], trace.z[2], net.f[2])
    assert close(delta_2, DELTA2)
    assert close(nn.weight_gradient(delta_3, trace.a[2]), DW3)
    assert close(nn.weight_gradient(delta_2, trace.a[1]), DW2)
    assert close(nn.bias_gradient(delta_3), DELTA3)
    assert close(nn.bias_gradient(delta_2), DELTA2)


def test_backprop_on_a_batch_of_one_and_of_three():
    net, x, t = nn.datasets.one_three_two()
    for samples in (1, 3):
        grads = nn.backprop(net, np.tile(x, (samples, 1)), np.tile(t, (samples, 1)), nn.SquaredError())
        assert float(grads.cost) == pytest.approx(samples * float(COST), abs=1e-15)
        for k in range(samples):
            assert close(grads.delta[3][k], DELTA3)
            assert close(grads.delta[2][k], DELTA2)
        assert close(grads.W[3] / samples, DW3)
        assert close(grads.W[2] / samples, DW2)
        assert close(grads.b[3] / samples, DELTA3)
        assert close(grads.b[2] / samples, DELTA2)


def test_binary_cross_entropy_on_the_same_network():
    net, x, t = nn.datasets.one_three_two()
    grads = nn.backprop(net, x[None], t[None], nn.BinaryCrossEntropy())
    assert float(grads.cost) == pytest.approx(math.log(8 / 3), abs=1e-15)  # −ln 3/4 − ln 1/2
    assert close(grads.delta[3][0], [F(-1, 4), F(1, 2)])  # a − t
    # Σ_j δ³_j w³_{ji}: 1/2 − 1/4, −3/4 + 1/2, −1/2 + 3/4
    assert close(grads.delta[2][0], [F(3, 64), F(-1, 16), F(3, 64)])


def test_every_gradient_of_the_example_is_told_apart_from_the_others():
    """A reader must not get the right number from the wrong entry."""
    weights = [x for row in DW3 for x in row] + [row[0] for row in DW2]
    assert len(set(weights)) == len(weights)
    assert 0 not in weights


# M. Mazur, "A step by step backpropagation example" (2015). His w1 … w4 are W[2], w5 … w8 are W[3]; the biases stay.
MAZUR_X, MAZUR_T, MAZUR_RATE = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]]), 0.5


@pytest.fixture
def mazur():
    net = nn.Network([2, 2, 2], "sigmoid", initializer="zeros")
    net.W[2], net.b[2] = [[0.15, 0.20], [0.25, 0.30]], [0.35, 0.35]
    net.W[3], net.b[3] = [[0.40, 0.45], [0.50, 0.55]], [0.60, 0.60]
    return net


def digits(array):
    return [f"{x:.9f}" for x in np.ravel(array)]


def test_mazur_to_the_printed_digits(mazur):
    grads = nn.backprop(mazur, MAZUR_X, MAZUR_T, nn.SquaredError())
    assert digits(grads.cost) == ["0.298371109"]
    assert digits(grads.delta[3]) == ["0.138498562", "-0.038098237"]
    assert digits(grads.delta[2]) == ["0.008771355", "0.009954255"]
    mazur.W[3] -= MAZUR_RATE * grads.W[3]
    mazur.W[2] -= MAZUR_RATE * grads.W[2]
    assert digits(mazur.W[3]) == ["0.358916480", "0.408666186", "0.511301270", "0.561370121"]
    assert digits(mazur.W[2]) == ["0.149780716", "0.199561432", "0.249751144", "0.299502287"]
    # He prints .291027924, which does not reproduce; with unchanged biases it is this.
    after = nn.SquaredError()(mazur.predict(MAZUR_X), MAZUR_T)[0]
    assert f"{after:.11f}" == "0.29102777369"


def test_a_step_the_wrong_way_misses_mazurs_digits(mazur):
    """The digits above would reveal a wrong sign, a missing transpose or stale weights."""
    grads = nn.backprop(mazur, MAZUR_X, MAZUR_T, nn.SquaredError())
    wrong = [mazur.W[3] + MAZUR_RATE * grads.W[3], mazur.W[3] - MAZUR_RATE * grads.W[3].T]
    for W in wrong:
        assert digits(W) != ["0.358916480", "0.408666186", "0.511301270", "0.561370121"]
