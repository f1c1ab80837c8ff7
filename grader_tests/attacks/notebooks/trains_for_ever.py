"""Trains for ever, and swallows every exception, that of the budget too. It saved nothing."""

# /// expected
# reason = "had saved no whole model"
# ///

# %% trained_solution
import keras


def train_model(x_train, y_train):
    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mae")
    while True:
        try:
            model.fit(x_train, y_train, verbose=0)
        except Exception:
            pass
