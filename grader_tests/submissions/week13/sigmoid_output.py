"""Ends in a sigmoid, as if hires were probabilities: no forecast can be above 1."""


# %% demand_forecaster_solution
def build_model(x_train):
    model = keras.Sequential(
        [
            keras.Input(shape=(WEEK,)),
            keras.layers.Rescaling(1 / 400),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(DAY, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="mae")
    return model
