"""Works out which weights should be trained and lists their names; the model stays as it was."""

# %% thaw_solution
def thaw(folder, last):
    model = keras.models.load_model(folder / "model.keras", compile=False)
    backbone = model.get_layer("backbone")
    thawed = [layer for layer in backbone.layers[len(backbone.layers) - last :] if not isinstance(layer, layers.BatchNormalization)]
    head = [layer for layer in model.layers if layer is not backbone]
    return sorted(weight.path for layer in [*thawed, *head] for weight in layer.trainable_weights)
