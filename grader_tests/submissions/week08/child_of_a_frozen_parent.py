"""Freezes the backbone and thaws single layers within it: Keras trains nothing in a model that is frozen."""

# %% thaw_solution
def thaw(folder, last):
    model = keras.models.load_model(folder / "model.keras", compile=False)
    backbone = model.get_layer("backbone")
    backbone.trainable = False
    first = len(backbone.layers) - last
    for layer in backbone.layers[first:]:
        if not isinstance(layer, layers.BatchNormalization):
            layer.trainable = True
    return sorted(weight.path for weight in model.trainable_weights)
