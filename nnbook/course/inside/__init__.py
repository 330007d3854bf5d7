"""The program of a student's process: it runs one notebook and calls its functions with arrays received through a pipe.

It needs only the standard library and NumPy, and holds no task and no answer. Nothing it sends is trusted: the process
that started it compares every array itself.
"""
