"""Goes through the layers of the whole model, where the backbone is a single one."""

# %% thaw_solution
def thaw(folder, last):
    model = keras.models.load_model(folder / "model.keras", compile=False)
    first = len(model.layers) - last
    for position, layer in enumerate(model.layers):
        layer.trainable = position >= first and not isinstance(layer, layers.BatchNormalization)
    return model
