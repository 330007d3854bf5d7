"""Interfaces known from other libraries: the Sequential model, its layers, and scikit-learn's estimators."""
