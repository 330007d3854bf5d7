"""The exception for data files that are missing or damaged."""


class DataError(Exception):
    """A data file is missing, damaged, or not what it should be; the message names the file and says what to do."""
