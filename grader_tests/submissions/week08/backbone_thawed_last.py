"""Sets each layer of the backbone, then the backbone itself: where it was frozen, that overwrites all of them."""

# %% thaw_solution
def thaw(folder, last):
    model = keras.models.load_model(folder / "model.keras", compile=False)
    backbone = model.get_layer("backbone")
    first = len(backbone.layers) - last
    for position, layer in enumerate(backbone.layers):
        layer.trainable = position >= first and not isinstance(layer, layers.BatchNormalization)
    backbone.trainable = True
    return model
