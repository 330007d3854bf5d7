"""The counted multiply-adds are those of a run in which every matrix product is counted."""

import numpy as np
import pytest

import nnbook as nn
from nnbook.core import passes as _pass


@pytest.mark.parametrize("sizes", [[12, 3, 2], [7, 5, 4, 6, 3], [5, 2]])
@pytest.mark.parametrize("batch", [1, 9])
def test_backward_is_what_backprop_multiplies(monkeypatch, sizes, batch):
    rng = np.random.default_rng(0)
    net = nn.Network(sizes, rng=rng)
    X, T = rng.random((batch, sizes[0])), rng.random((batch, sizes[-1]))
    counted = []

    def counting(formula):
        def wrapped(delta, matrix, *arguments, **options):
            # Both formulas multiply each entry of delta by a row of the other array, or the other way round.
            counted.append(delta.size * matrix.shape[1])
            return formula(delta, matrix, *arguments, **options)

        return wrapped

    monkeypatch.setattr(_pass, "hidden_delta", counting(_pass.hidden_delta))
    monkeypatch.setattr(_pass, "weight_gradient", counting(_pass.weight_gradient))
    nn.backprop(net, X, T, nn.SquaredError())
    assert nn.flops(net, batch).backward == sum(counted)


@pytest.mark.parametrize("sizes", [[12, 3, 2], [7, 5, 4, 6, 3]])
def test_forward_is_what_a_written_out_pass_multiplies(sizes):
    net = nn.Network(sizes, rng=0)
    a, count = np.ones((4, sizes[0])), 0
    for l in net.W:
        count += len(a) * net.W[l].size
        a = net.f[l](a @ net.W[l].T + net.b[l])
    np.testing.assert_allclose(a, net.predict(np.ones((4, sizes[0]))))
    assert nn.flops(net, 4).forward == count


def test_known_counts():
    assert nn.flops([12, 3, 2]) == (42, 48)
    assert nn.flops([784, 100, 10]) == (79_400, 80_400)
    assert round(nn.flops([12, 3, 2]).ratio, 2) == 1.14
    assert round(nn.flops([784, 100, 10]).ratio, 2) == 1.01


@pytest.mark.parametrize(
    ("arguments", "error", "named"),
    [
        (([3],), ValueError, "net"),
        (([3, 0],), ValueError, r"net\[1\]"),
        (([3, 2.5],), TypeError, r"net\[1\]"),
        (([3, 2], 0), ValueError, "batch"),
        (([3, 2], 1.5), TypeError, "batch"),
    ],
)
def test_bad_input_is_named(arguments, error, named):
    with pytest.raises(error, match=named):
        nn.flops(*arguments)
