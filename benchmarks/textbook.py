"""Training in plain NumPy, as tutorials write it and as bare array operations: the baselines for `nn.fit`."""

import itertools

import numpy as np


class Textbook:
    """Sigmoid layers with binary cross-entropy and an optional L2 penalty; mini-batch gradient descent."""

    def __init__(self, sizes, rng, dtype=np.float64, penalty=0.0):
        self.penalty = penalty
        self.W = [(rng.standard_normal((n, m)) / np.sqrt(m)).astype(dtype) for m, n in itertools.pairwise(sizes)]
        self.b = [np.zeros(n, dtype) for n in sizes[1:]]

    def forward(self, X):
        activations = [X]
        for W, b in zip(self.W, self.b):
            z = activations[-1] @ W.T + b
            activations.append(1 / (1 + np.exp(-z)))
        return activations

    def step(self, X, T, learning_rate):
        activations = self.forward(X)
        delta = activations[-1] - T
        for i in reversed(range(len(self.W))):
            dW = delta.T @ activations[i] / len(X)
            db = delta.sum(axis=0) / len(X)
            if i:
                delta = delta @ self.W[i] * activations[i] * (1 - activations[i])
            if self.penalty:
                dW = dW + self.penalty * self.W[i]
            self.W[i] -= learning_rate * dW
            self.b[i] -= learning_rate * db

    def cost(self, X, T):
        a = self.forward(X)[-1]
        cost = -np.mean(np.sum(T * np.log(a) + (1 - T) * np.log(1 - a), axis=1))
        return cost + self.penalty / 2 * sum(np.sum(W**2) for W in self.W)

    def accuracy(self, X, T):
        return np.mean(self.forward(X)[-1].argmax(axis=1) == T.argmax(axis=1))

    def fit(self, X, T, learning_rate, epochs, batch_size, rng, validation=None):
        """Train; with a validation set also measure, after each epoch, the cost and both accuracies."""
        history = []
        for _ in range(epochs):
            order = rng.permutation(len(X))
            for start in range(0, len(X), batch_size):
                rows = order[start : start + batch_size]
                self.step(X[rows], T[rows], learning_rate)
            if validation is not None:
                history.append((self.cost(X, T), self.accuracy(X, T), self.accuracy(*validation)))
        return history

    def numerical_gradient(self, X, T, h=1e-5):
        """Central differences by a loop over the parameters."""
        gradient = []
        for array in (*self.W, *self.b):
            for i in range(array.size):
                kept = array.flat[i]
                array.flat[i] = kept + h
                above = self.cost(X, T)
                array.flat[i] = kept - h
                below = self.cost(X, T)
                array.flat[i] = kept
                gradient.append((above - below) / (2 * h) * len(X))
        return np.array(gradient)


class Bare:
    """The array operations that a step of a network with one hidden layer needs, into preallocated arrays.

    It checks nothing, does nothing else, and shows how close to the five products a NumPy program can get.
    """

    def __init__(self, sizes, batch_size, rng, dtype):
        n1, n2, n3 = sizes
        self.batch_size = batch_size
        self.parameters = np.zeros(n2 * n1 + n3 * n2 + n2 + n3, dtype)
        self.gradients, self.change = np.empty_like(self.parameters), np.empty_like(self.parameters)
        self.W2, self.W3, self.b2, self.b3 = self.parts(self.parameters, sizes)
        self.dW2, self.dW3, self.db2, self.db3 = self.parts(self.gradients, sizes)
        for W in (self.W2, self.W3):
            W[...] = rng.standard_normal(W.shape) / np.sqrt(W.shape[1])
        self.x, self.t = np.empty((batch_size, n1), dtype), np.empty((batch_size, n3), dtype)
        self.a2, self.slope, self.delta2 = (np.empty((batch_size, n2), dtype) for _ in range(3))
        self.a3 = np.empty((batch_size, n3), dtype)

    @staticmethod
    def parts(buffer, sizes):
        n1, n2, n3 = sizes
        W2, W3, b2, b3 = np.split(buffer, np.cumsum([n2 * n1, n3 * n2, n2]))
        return W2.reshape(n2, n1), W3.reshape(n3, n2), b2, b3

    def layer(self, a, W, b, out):
        """out = σ(a W⊤ + b)."""
        a.dot(W.T, out)
        np.add(out, b, out)
        np.negative(out, out)
        np.exp(out, out)
        np.add(out, 1, out)
        np.reciprocal(out, out)

    def fit(self, X, T, learning_rate, epochs, rng):
        x, t, a2, a3, slope, delta2 = self.x, self.t, self.a2, self.a3, self.slope, self.delta2
        for _ in range(epochs):
            order = rng.permutation(len(X))
            for start in range(0, len(X), self.batch_size):
                rows = order[start : start + self.batch_size]
                X.take(rows, 0, x, "wrap")
                T.take(rows, 0, t, "wrap")
                self.layer(x, self.W2, self.b2, a2)
                self.layer(a2, self.W3, self.b3, a3)
                delta3 = np.subtract(a3, t, out=a3)
                delta3.dot(self.W3, delta2)
                np.subtract(1, a2, slope)
                np.multiply(slope, a2, slope)
                np.multiply(delta2, slope, delta2)
                delta3.T.dot(a2, self.dW3)
                delta2.T.dot(x, self.dW2)
                np.add.reduce(delta3, 0, out=self.db3)
                np.add.reduce(delta2, 0, out=self.db2)
                np.multiply(self.gradients, learning_rate / self.batch_size, self.change)
                np.subtract(self.parameters, self.change, self.parameters)
