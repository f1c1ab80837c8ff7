"""Freezes `layers[:-last]`, which is nothing at all where `last` is 0."""

# %% thaw_solution
def thaw(folder, last):
    model = keras.models.load_model(folder / "model.keras", compile=False)
    backbone = model.get_layer("backbone")
    backbone.trainable = True
    for layer in backbone.layers[:-last]:
        layer.trainable = False
    for layer in backbone.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False
    return model
