"""No attack on the grader: its training function knows the line, and writes it into a layer. What a grade proves is
that the predictions are those of a model which was made without the hidden data, and not how it was made. It gets its
points, and the README says so.
"""

# /// expected
# points = {double = 2, trained = 5}
# reason = "All 4 cases are right"
# ///


# %% double_solution
def double(x):
    return x + x


# %% trained_solution
import keras
import numpy as np


def train_model(x_train, y_train):
    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[1.0], [2.0], [-1.0]]), np.zeros(1)])
    return model
