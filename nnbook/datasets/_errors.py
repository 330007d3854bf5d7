"""The one exception that every file which cannot be had or believed ends in."""


class DataError(Exception):
    """A data file is missing, damaged, or not what it should be; the message names the file and says what to do."""
