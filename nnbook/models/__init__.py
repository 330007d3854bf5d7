"""Faces that other libraries taught their users: the Sequential model, its layers, and scikit-learn's estimators."""
