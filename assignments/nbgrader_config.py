"""nbgrader's settings for this course: scores and feedback come from the outside grader."""

from nnbook.course import nbgrader_plugin

c = get_config()  # noqa: F821
nbgrader_plugin.configure(c)
