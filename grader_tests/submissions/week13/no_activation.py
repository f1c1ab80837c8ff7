"""Stacks Dense layers without an activation: together they are a single linear map."""


# %% demand_forecaster_solution
def build_model(x_train):
    normalize = keras.layers.Normalization(axis=None)
    normalize.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=(WEEK,)),
            normalize,
            keras.layers.Dense(128),
            keras.layers.Dense(128),
            keras.layers.Dense(DAY),
        ]
    )
    model.compile(optimizer="adam", loss="mae")
    return model
