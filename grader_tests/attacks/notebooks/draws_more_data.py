"""Draws more data in the function that answers. The course's generators refuse, else it would hand over nothing; a copy
of one does not. This is the limit: whoever copies a generator's source, or writes the rule down, trains on as much as
the budget allows.
"""

# /// expected
# points = {trained = 5}
# reason = "on data your model has not seen"
# ///

# %% trained_solution
import keras
import numpy as np

from tfcourse.datasets.demand import make_demand
from tfcourse.errors import LearnerMistake


def train_model(x_train, y_train):
    try:
        make_demand(5, seed=1)
        return None
    except LearnerMistake:
        pass
    x = np.random.default_rng(1).normal(size=(500, 3)).astype("float32")
    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mae")
    model.fit(x, x @ np.array([1.0, 2.0, -1.0], "float32"), epochs=40, verbose=0)
    return model
