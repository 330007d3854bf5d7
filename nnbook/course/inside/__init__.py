"""The program of a student's process: it runs one notebook and calls its functions with arrays that come down a pipe.

It needs the standard library and NumPy alone, holds no task and no answer, and nothing it says is believed: the process
that started it compares every array itself.
"""
