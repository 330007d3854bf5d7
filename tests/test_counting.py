"""The counted multiply-adds are those of a run in which every matrix product is counted."""

import numpy as np
import pytest

import nnbook as nn
from nnbook import formulas


class CountingNumpy:
    """Stands in for the numpy of the formulas and adds up the multiply-adds of their products."""

    def __init__(self):
        self.count = 0

    def dot(self, a, b, out=None):
        self.count += a.shape[0] * a.shape[1] * b.shape[1]
        return np.dot(a, b, out=out)

    def __getattr__(self, name):
        assert name not in {"matmul", "einsum", "outer", "tensordot"}, f"{name} is a product that is not counted"
        return getattr(np, name)


@pytest.mark.parametrize("sizes", [[12, 3, 2], [7, 5, 4, 6, 3], [5, 2]])
@pytest.mark.parametrize("batch", [1, 9])
def test_backward_is_what_backprop_multiplies(monkeypatch, sizes, batch):
    rng = np.random.default_rng(0)
    net = nn.Network(sizes, rng=rng)
    X, T = rng.random((batch, sizes[0])), rng.random((batch, sizes[-1]))
    counting = CountingNumpy()
    monkeypatch.setattr(formulas, "np", counting)
    nn.backprop(net, X, T, nn.SquaredError())
    assert nn.flops(net, batch).backward == counting.count


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
        (([3, 0],), ValueError, r"sizes\[1\]"),
        (([3, 2.5],), TypeError, r"sizes\[1\]"),
        (([3, 2], 0), ValueError, "batch"),
        (([3, 2], 1.5), TypeError, "batch"),
    ],
)
def test_bad_input_is_named(arguments, error, named):
    with pytest.raises(error, match=named):
        nn.flops(*arguments)
