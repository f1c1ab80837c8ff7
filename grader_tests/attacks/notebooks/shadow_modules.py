"""Ships modules, settings and start-up files beside the notebook, named as those that the grader imports."""

# /// expected
# points = {double = 0.5}
# reason = "1 of 4 cases are right"
# absent = ["SHADOW-WAS-HERE"]
# ///


# %% double_solution
def double(x):
    return x


# %% file: numpy.py
open("SHADOW-WAS-HERE", "a").write(__name__ + "\n")


def grade(check_id, learner_object):
    return 5.0


practice = hint = solution = grade

# %% file: tfcourse.py
open("SHADOW-WAS-HERE", "a").write(__name__ + "\n")


def grade(check_id, learner_object):
    return 5.0


practice = hint = solution = grade

# %% file: json.py
open("SHADOW-WAS-HERE", "a").write(__name__ + "\n")


def grade(check_id, learner_object):
    return 5.0


practice = hint = solution = grade

# %% file: keras/__init__.py
open("SHADOW-WAS-HERE", "a").write(__name__ + "\n")


def grade(check_id, learner_object):
    return 5.0


practice = hint = solution = grade

# %% file: zmq.py
open("SHADOW-WAS-HERE", "a").write(__name__ + "\n")


def grade(check_id, learner_object):
    return 5.0


practice = hint = solution = grade

# %% file: sitecustomize.py
open("SHADOW-WAS-HERE", "a").write(__name__ + "\n")


def grade(check_id, learner_object):
    return 5.0


practice = hint = solution = grade

# %% file: usercustomize.py
open("SHADOW-WAS-HERE", "a").write(__name__ + "\n")


def grade(check_id, learner_object):
    return 5.0


practice = hint = solution = grade

# %% file: .ipython/profile_default/startup/00-first.py
open("SHADOW-WAS-HERE", "a").write(__name__ + "\n")


def grade(check_id, learner_object):
    return 5.0


practice = hint = solution = grade

# %% file: .ipython/profile_default/ipython_kernel_config.py
open("SHADOW-WAS-HERE", "a").write(__name__ + "\n")


def grade(check_id, learner_object):
    return 5.0


practice = hint = solution = grade

# %% file: ipython_kernel_config.py
open("SHADOW-WAS-HERE", "a").write(__name__ + "\n")


def grade(check_id, learner_object):
    return 5.0


practice = hint = solution = grade

# %% file: jupyter_config.py
open("SHADOW-WAS-HERE", "a").write(__name__ + "\n")


def grade(check_id, learner_object):
    return 5.0


practice = hint = solution = grade

# %% file: tfcourse_kernels.py
open("SHADOW-WAS-HERE", "a").write(__name__ + "\n")


def grade(check_id, learner_object):
    return 5.0


practice = hint = solution = grade

# %% file: evil.pth
import os

open("SHADOW-WAS-HERE", "a")
