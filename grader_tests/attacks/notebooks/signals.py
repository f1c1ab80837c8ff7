"""Signals everything in reach: all processes, its parents, its group, itself."""

# /// expected
# refused = 1
# points = {double = 0.5}
# reason = "1 of 4 cases are right"
# ///

# %% first
import os
import signal

attempt("see another process", lambda: [name for name in os.listdir("/proc") if name.isdigit() and name != "1"][0])
assert os.getpid() == 1
assert os.getppid() == 0
threads = {int(name) for name in os.listdir("/proc/self/task")}
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGSTOP, signal.SIGTSTP, signal.SIGKILL):
    for process in {*range(-60, -1), *range(2, 400)} - threads:
        try:
            os.kill(process, number)
            print("SUCCEEDED: signalled", process)
        except ProcessLookupError:
            pass
    # As the first process of its namespace it is safe from itself.
    for process in (-1, 0, 1):
        try:
            os.kill(process, number)
        except ProcessLookupError:
            pass


# %% double_solution
def double(x):
    return x
