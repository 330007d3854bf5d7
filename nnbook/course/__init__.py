"""Grade the course's assignments from outside: a student's code runs in an isolated process, marks are given here."""
