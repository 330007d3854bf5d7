"""Checking a gradient: numerical gradients, gradient checks, the diagnosis of mistakes, the tape, and counting."""
