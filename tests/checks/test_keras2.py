"""Files in the manner of Keras 2: those that can be carried over predict the same, the others are told by version.

Each file here has weights of this Keras, and the configuration that TensorFlow 2.15 writes of the same model.
"""

import io
import json
import zipfile

import h5py
import numpy as np
import pytest

from tfcourse.checks import FileModel, Output
from tfcourse.checks.model_files import load_and_predict
from tfcourse.checks.records import ModelFile, ModelRequest
from tfcourse.errors import LearnerMistake

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("format", ["keras", "h5"])]

RNG = np.random.default_rng(0)
SERIES = RNG.normal(size=(5, 8, 2)).astype("float32")
ROWS = RNG.normal(size=(5, 3)).astype("float32")
PICTURES = RNG.normal(size=(5, 6, 6, 2)).astype("float32")


def old(kind, name, nodes=None, **config):
    """Return a layer as Keras 2 wrote it."""
    entry = {"module": "keras.layers", "class_name": kind, "registered_name": None}
    entry["config"] = {"name": name, "trainable": True, "dtype": "float32", **config}
    return entry if nodes is None else {**entry, "name": name, "inbound_nodes": nodes}


def old_input(shape, name="input_1", nodes=None):
    entry = old("InputLayer", name, nodes, batch_input_shape=[None, *shape], sparse=False, ragged=False)
    del entry["config"]["trainable"]
    return entry


def operation(function, name, node):
    kind = "SlicingOpLambda" if function.endswith("getitem") else "TFOpLambda"
    return {**old(kind, name, [node], function=function), "module": "keras.src.layers.core.tf_op_layer"}


def sequential(*layers, shape=None, name="sequential"):
    layers = [old_input(shape), *layers] if shape is not None else list(layers)
    config = {"name": name, "layers": layers}
    return {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None}


def functional(*layers, begins, ends, name="model"):
    config = {"name": name, "trainable": True, "layers": list(layers)}
    config |= {"input_layers": [[begins, 0, 0]], "output_layers": [ends]}
    return {
        "module": "keras.src.engine.functional",
        "class_name": "Functional",
        "config": config,
        "registered_name": "Functional",
    }


def without_modules(value):
    """Return a configuration as it stood in a .h5 file."""
    if isinstance(value, dict):
        return {k: without_modules(v) for k, v in value.items() if k not in ("module", "registered_name")}
    return [without_modules(item) for item in value] if isinstance(value, list) else value


def file_of(configuration, model, format, tmp_path, version="2.15.0"):
    """Return a file with the weights of `model`, of this Keras, and what Keras 2 wrote of the same model."""
    path = tmp_path / f"model.{format}"
    model.save(path)
    if format == "h5":
        with h5py.File(path, "r+") as file:
            file.attrs["keras_version"] = version
            file.attrs["model_config"] = json.dumps(without_modules(configuration))
            for group in file["model_weights"].values():
                names = [name.decode() if isinstance(name, bytes) else name for name in group.attrs["weight_names"]]
                for name in names:
                    group.move(name, f"{name}:0")
                group.attrs["weight_names"] = [f"{name}:0".encode() for name in names]
        return ModelFile(path.read_bytes(), "h5")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    weights = io.BytesIO(parts["model.weights.h5"])
    with h5py.File(weights, "r+") as file:
        found = []
        file.visit(lambda name: found.append(name) if name.endswith("_dense") else None)
        for name in found:  # of attention
            above, _, last = name.rpartition("/")
            file.move(name, f"{above}/_{last}")
    parts["model.weights.h5"] = weights.getvalue()
    parts["config.json"] = json.dumps(configuration).encode()
    parts["metadata.json"] = json.dumps({"keras_version": version}).encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return ModelFile(content.getvalue(), "keras")


def load(file, x):
    return load_and_predict(ModelRequest(file, FileModel(Output("value")), (x,))).predictions


def refusal(configuration, model, format, tmp_path, x=ROWS, **options):
    with pytest.raises(LearnerMistake) as refused:
        load(file_of(configuration, model, format, tmp_path, **options), x)
    return str(refused.value)


def holds(configuration, model, format, tmp_path, x):
    """Check that a file in the manner of Keras 2 predicts what its model does."""
    for weight in model.weights:  # so that biases and averages are none that a fresh layer has
        weight.assign(np.abs(RNG.normal(size=weight.shape)) + 0.1)
    expected = model.predict(x, verbose=0)
    np.testing.assert_allclose(load(file_of(configuration, model, format, tmp_path), x), expected, atol=1e-6)


def build(*layers, shape):
    import keras

    return keras.Sequential([keras.Input(shape), *layers])


# ---------------------------------------------------------------------------- what is carried over


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_recurrent_layers(format, tmp_path, kind):
    import keras

    more = {} if kind == "SimpleRNN" else {"implementation": 2}
    configuration = sequential(
        old(kind, "rnn", units=3, time_major=False, return_sequences=True, batch_input_shape=[None, 8, 2], **more),
        old("RNN", "rnn_1", cell=old(f"{kind}Cell", "cell", units=2, **more), time_major=False),
        old("Dense", "dense", units=1),
        shape=(8, 2),
    )
    layer, cell = getattr(keras.layers, kind), getattr(keras.layers, f"{kind}Cell")
    model = build(layer(3, return_sequences=True), keras.layers.RNN(cell(2)), keras.layers.Dense(1), shape=(8, 2))
    holds(configuration, model, format, tmp_path, SERIES)


def test_wrappers(format, tmp_path):
    import keras

    configuration = sequential(
        old(
            "Bidirectional",
            "both",
            merge_mode="concat",
            layer=old("LSTM", "lstm", units=3, time_major=False, implementation=2, return_sequences=True),
        ),
        old("TimeDistributed", "each", layer=old("Dense", "inner", units=2)),
        old("Flatten", "flatten"),
        old("Dense", "dense", units=1),
        shape=(8, 2),
    )
    layers = keras.layers
    model = build(
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
        layers.TimeDistributed(layers.Dense(2)),
        layers.Flatten(),
        layers.Dense(1),
        shape=(8, 2),
    )
    holds(configuration, model, format, tmp_path, SERIES)


def test_states_of_one_recurrent_layer_as_inputs_of_another(format, tmp_path):
    import keras

    states = [["input_1", 0, 0, {}], ["lstm", 0, 1, {}], ["lstm", 0, 2, {}]]
    configuration = functional(
        old_input((8, 2), nodes=[]),
        old("LSTM", "lstm", [[["input_1", 0, 0, {}]]], units=3, return_state=True, time_major=False),
        old("LSTM", "lstm_1", [states], units=3, time_major=False),
        old("Dense", "dense", [[["lstm_1", 0, 0, {}]]], units=1),
        begins="input_1",
        ends=["dense", 0, 0],
    )
    inputs = keras.Input((8, 2))
    _, h, c = keras.layers.LSTM(3, return_state=True)(inputs)
    x = keras.layers.LSTM(3)(inputs, initial_state=[h, c])
    holds(configuration, keras.Model(inputs, keras.layers.Dense(1)(x)), format, tmp_path, SERIES)


def test_convolutions(format, tmp_path):
    import keras

    again = {"kernel_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": None}
    configuration = sequential(
        old("DepthwiseConv2D", "depthwise_conv2d", kernel_size=[3, 3], groups=1, depth_multiplier=2),
        old("BatchNormalization", "batch_normalization", axis=[3]),
        old("SpatialDropout2D", "spatial_dropout2d", rate=0.5, noise_shape=None, seed=None),
        old("SeparableConv2D", "separable_conv2d", filters=3, kernel_size=[2, 2], groups=1, **again),
        old("Conv2DTranspose", "conv2d_transpose", filters=2, kernel_size=[2, 2], groups=1),
        old("LeakyReLU", "leaky_re_lu", alpha=0.125),
        old("ThresholdedReLU", "thresholded_re_lu", theta=0.25),
        old("Flatten", "flatten"),
        old("Dense", "dense", units=1),
        shape=(6, 6, 2),
    )
    layers = keras.layers
    model = build(
        layers.DepthwiseConv2D(3, depth_multiplier=2),
        layers.BatchNormalization(),
        layers.SpatialDropout2D(0.5),
        layers.SeparableConv2D(3, 2),
        layers.Conv2DTranspose(2, 2),
        layers.LeakyReLU(0.125),
        layers.ReLU(threshold=0.25),
        layers.Flatten(),
        layers.Dense(1),
        shape=(6, 6, 2),
    )
    holds(configuration, model, format, tmp_path, PICTURES)


def test_attention(format, tmp_path):
    import keras

    shapes = {name: [None, 8, 2] for name in ("query_shape", "key_shape", "value_shape")}
    configuration = functional(
        old_input((8, 2), nodes=[]),
        old(
            "MultiHeadAttention",
            "multi_head_attention",
            [[["input_1", 0, 0, {"value": ["input_1", 0, 0]}]]],
            num_heads=2,
            key_dim=3,
            **shapes,
        ),
        old(
            "Attention",
            "attention",
            [[["multi_head_attention", 0, 0, {}], ["input_1", 0, 0, {}]]],
            use_scale=False,
            score_mode="dot",
        ),
        old("Flatten", "flatten", [[["attention", 0, 0, {}]]]),
        old("Dense", "dense", [[["flatten", 0, 0, {}]]], units=1),
        begins="input_1",
        ends=["dense", 0, 0],
    )
    inputs = keras.Input((8, 2))
    x = keras.layers.MultiHeadAttention(2, 3)(inputs, inputs)
    x = keras.layers.Flatten()(keras.layers.Attention()([x, inputs]))
    holds(configuration, keras.Model(inputs, keras.layers.Dense(1)(x)), format, tmp_path, SERIES)


def test_a_policy_of_mixed_precision(format, tmp_path):
    import keras

    policy = {"module": "keras.mixed_precision", "class_name": "Policy", "config": {"name": "mixed_float16"}}
    configuration = sequential(
        old("Dense", "dense", units=2, dtype=policy), old("Dense", "dense_1", units=1), shape=(3,)
    )
    model = build(keras.layers.Dense(2, dtype="mixed_float16"), keras.layers.Dense(1), shape=(3,))
    holds(configuration, model, format, tmp_path, ROWS)


def test_a_normalization_whose_input_was_never_told(format, tmp_path):
    import keras

    normalization = old("Normalization", "normalization", axis=[-1], invert=False, mean=None, variance=None)
    normalization["build_config"] = {"input_shape": [None, 3]}
    configuration = sequential(normalization, old("Dense", "dense", units=1), shape=(None,))
    normalization = keras.layers.Normalization()
    normalization.adapt(ROWS * 3 + 1)
    model = build(normalization, keras.layers.Dense(1), shape=(3,))
    expected = model.predict(ROWS, verbose=0)
    np.testing.assert_allclose(load(file_of(configuration, model, format, tmp_path), ROWS), expected, atol=1e-6)


def test_operations_of_tensorflow(format, tmp_path):
    import keras

    everything = {"start": None, "stop": None, "step": None}
    configuration = functional(
        old_input((8, 2), nodes=[]),
        operation("math.truediv", "tf.math.truediv", ["input_1", 0, 0, {"y": 2.0, "name": None}]),
        operation("__operators__.getitem", "tf.last", ["tf.math.truediv", 0, 0, {"slice_spec": [everything, -1]}]),
        operation(
            "math.subtract", "tf.one_minus", ["_CONSTANT_VALUE", -1, 1.0, {"y": ["tf.last", 0, 0], "name": None}]
        ),
        operation("math.reduce_mean", "tf.mean", ["tf.math.truediv", 0, 0, {"axis": 1}]),
        operation("concat", "tf.concat", [["tf.one_minus", 0, 0, {"axis": -1}], ["tf.mean", 0, 0, {"axis": -1}]]),
        operation("nn.bias_add", "tf.bias", ["tf.concat", 0, 0, {"bias": [1.0, 2.0, 3.0, 4.0], "data_format": "NHWC"}]),
        operation("clip_by_value", "tf.clip", ["tf.bias", 0, 0, {"clip_value_min": 0, "clip_value_max": 3}]),
        operation("reshape", "tf.reshape", ["tf.clip", 0, 0, {"shape": [-1, 2, 2]}]),
        operation("math.reduce_sum", "tf.sum", ["tf.reshape", 0, 0, {"axis": [1, 2], "keepdims": False}]),
        operation("expand_dims", "tf.expand_dims", ["tf.sum", 0, 0, {"axis": -1}]),
        old("Dense", "dense", [[["tf.expand_dims", 0, 0, {}]]], units=1),
        begins="input_1",
        ends=["dense", 0, 0],
    )
    inputs = keras.Input((8, 2))
    x = inputs / 2.0
    x = keras.ops.concatenate([1.0 - x[:, -1], keras.ops.mean(x, axis=1)], axis=-1)
    x = keras.ops.clip(x + np.array([1.0, 2.0, 3.0, 4.0], "float32"), 0, 3)
    x = keras.ops.expand_dims(keras.ops.sum(x, axis=1), -1)
    holds(configuration, keras.Model(inputs, keras.layers.Dense(1)(x)), format, tmp_path, SERIES)


@pytest.mark.parametrize("kind", ["Functional", "Sequential"])
@pytest.mark.parametrize("last", [True, False])
def test_a_model_within_a_model_and_names_with_slashes(format, tmp_path, kind, last):
    """In Keras 2 a model's own calls were counted from 1, for the first was made when it was built."""
    import keras

    if kind == "Functional":
        within = functional(
            old_input((3,), "inner", []),
            old("Dense", "a/b", [[["inner", 0, 0, {}]]], units=3),
            begins="inner",
            ends=["a/b", 0, 0],
            name="within",
        )
    else:
        within = sequential(old("Dense", "dense", units=3), shape=(3,), name="within")
    within |= {"name": "within", "inbound_nodes": [[["input_1", 0, 0, {}]], [["c/d", 0, 0, {}]]]}
    between = old("Dense", "c/d", [[["within", 1, 0, {}]]], units=3)
    after = [] if last else [old("Dense", "dense_1", [[["within", 2, 0, {}]]], units=3)]
    ends = ["within", 2, 0] if last else ["dense_1", 0, 0]
    configuration = functional(old_input((3,), nodes=[]), within, between, *after, begins="input_1", ends=ends)
    inputs, inner = keras.Input((3,)), keras.Input((3,))
    dense = keras.layers.Dense(3)
    model = keras.Model(inner, dense(inner)) if kind == "Functional" else build(dense, shape=(3,))
    x = model(keras.layers.Dense(3)(model(inputs)))
    whole = keras.Model(inputs, x if last else keras.layers.Dense(3)(x))
    for weight in whole.weights:
        weight.assign(RNG.normal(size=weight.shape))
    file = file_of(configuration, whole, format, tmp_path)
    asked = load_and_predict(ModelRequest(file, FileModel(Output("value", (3,))), (ROWS,)))
    np.testing.assert_allclose(asked.predictions, whole.predict(ROWS, verbose=0), atol=1e-5)


def test_a_list_of_layers_as_keras_2_2_wrote_it(format, tmp_path):
    import keras

    configuration = {
        "module": "keras",
        "class_name": "Sequential",
        "registered_name": None,
        "config": [old_input((3,)), old("Dense", "dense", units=1)],
    }
    holds(configuration, build(keras.layers.Dense(1), shape=(3,)), format, tmp_path, ROWS)


# ---------------------------------------------------------------------------- what is not


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (old("LocallyConnected1D", "layer", filters=1), "LocallyConnected1D"),
        (old("RandomHeight", "layer", factor=0.5), "RandomHeight"),
        (old("Discretization", "layer", num_bins=3, bin_boundaries=None), "Discretization"),
        (old("LSTM", "layer", units=1, recurrent_activation="hard_sigmoid"), 'activation="hard_sigmoid"'),
        (old("LSTM", "layer", units=1, time_major=True), "time_major"),
    ],
)
def test_what_cannot_be_carried_over_is_told_with_its_version(format, tmp_path, layer, told):
    model = build(shape=(3,))
    message = refusal(sequential(layer, shape=(8, 2)), model, format, tmp_path, version="2.8.3")
    assert message.startswith("Expected a model that Keras 3 can load; found one saved with Keras 2.8, of which not ")
    assert told in message
    assert 'save it with model.save("model.keras")' in message


@pytest.mark.parametrize(
    ("function", "options", "told"),
    [
        ("math.cumsum", {"axis": 1}, "tf.math.cumsum"),
        ("linalg.matmul", {"b": [[1.0]], "transpose_b": True}, "transpose_b"),
    ],
)
def test_an_operation_that_keras_3_does_not_know_is_named(format, tmp_path, function, options, told):
    configuration = functional(
        old_input((3,), nodes=[]),
        operation(function, "tf.it", ["input_1", 0, 0, options]),
        begins="input_1",
        ends=["tf.it", 0, 0],
    )
    message = refusal(configuration, build(shape=(3,)), format, tmp_path)
    assert "found one saved with Keras 2.15" in message
    assert told in message


def test_weights_are_not_given_to_another_layer_of_the_same_shape(format, tmp_path):
    """Files know layers by their order alone, and this file's order is not the one in which Keras 3 counts them."""
    import keras

    def configuration(*between):
        return functional(
            old_input((3,), nodes=[]),
            *between,
            old("Subtract", "subtract", [[["dense", 0, 0, {}], ["dense_1", 0, 0, {}]]]),
            begins="input_1",
            ends=["subtract", 0, 0],
        )

    between = [old("Dense", name, [[["input_1", 0, 0, {}]]], units=1) for name in ("dense", "dense_1")]
    inputs = keras.Input((3,))
    layers = [keras.layers.Dense(1), keras.layers.Dense(1)]
    model = keras.Model(inputs, keras.layers.Subtract()([layer(inputs) for layer in layers]))
    holds(configuration(*between), model, format, tmp_path, ROWS)
    assert "the order of its layers" in refusal(configuration(*between[::-1]), model, format, tmp_path)


def test_a_class_of_the_learners_own_is_told_as_such(format, tmp_path):
    own = {**old("Scale", "scale"), "module": None, "registered_name": "Scale"}
    configuration = sequential(own, old("Dense", "dense", units=1), shape=(3,))
    assert "found Scale, a class or function of your own" in refusal(configuration, build(shape=(3,)), format, tmp_path)
