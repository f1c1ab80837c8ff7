"""Grading: a learner's notebook at home, sample submissions, and the bridge to nbgrader."""
