"""Hands over a .keras file with a Python lambda in it, and loads it in its own kernel too."""

# /// expected
# reason = "found Lambda, which holds a program"
# ///

# %% file_solution
import keras


def trained_model():
    inputs = keras.Input(shape=(3,))
    code = lambda x: __import__("os").system("touch {{course}}/MODEL-WAS-RUN") or x  # noqa: E731
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Lambda(code, output_shape=(3,))(inputs)))
    model.save("model.keras")
    keras.saving.load_model("model.keras", safe_mode=False)
    return "model.keras"
