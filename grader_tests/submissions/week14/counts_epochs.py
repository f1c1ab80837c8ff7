"""Counts epochs where a schedule counts batches: after four steps the rate is 0 for good."""


# %% solar_forecaster_solution
def train_model(x_train, y_train):
    model = keras.Sequential(
        [
            keras.Input(shape=(48,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(6),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(0.004, decay_steps=4)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=keras.losses.Huber(delta=0.3))
    model.fit(x_train, y_train, epochs=4, batch_size=32, verbose=0)
    return model
