"""Grade the course's assignments from outside: a student's code runs in a closed process, the marks are given here."""
