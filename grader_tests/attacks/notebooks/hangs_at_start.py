"""Ships start-up files and modules that never return, so that the kernel would never be ready: a defect of ours."""

# /// expected
# points = {double = 0.5}
# reason = "1 of 4 cases are right"
# ///


# %% double_solution
def double(x):
    return x


# %% file: .ipython/profile_default/startup/00-first.py
import time

time.sleep(1000)

# %% file: .ipython/profile_default/ipython_config.py
import time

time.sleep(1000)

# %% file: debugpy.py
import time

time.sleep(1000)

# %% file: comm.py
import time

time.sleep(1000)

# %% file: psutil.py
import time

time.sleep(1000)
