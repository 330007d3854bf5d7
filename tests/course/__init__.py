"""Tests of the course's assignments and of the grader."""
