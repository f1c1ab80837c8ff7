"""Thaws the last layers of the backbone, its normalisations among them."""

# %% thaw_solution
def thaw(folder, last):
    model = keras.models.load_model(folder / "model.keras", compile=False)
    backbone = model.get_layer("backbone")
    backbone.trainable = True
    for layer in backbone.layers[: len(backbone.layers) - last]:
        layer.trainable = False
    return model
