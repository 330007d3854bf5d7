"""The network as tutorials write it in plain NumPy: what the package's speed is measured against."""

import itertools

import numpy as np


class Textbook:
    """Sigmoid layers with binary cross-entropy and, if wanted, an L2 penalty; mini-batch gradient descent."""

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
