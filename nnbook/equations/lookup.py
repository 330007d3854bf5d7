"""The former name of `documents`, until nothing imports it."""

from .documents import *  # noqa: F403
