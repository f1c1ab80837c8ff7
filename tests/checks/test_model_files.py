"""Trained models as files: honest ones predict, and each way of going wrong is told as what it is."""

import io
import json
import zipfile
from functools import partial

import numpy as np
import pytest

from tfcourse.checks import (
    Advice,
    FileModel,
    Ladder,
    ModelCheck,
    Outcome,
    Output,
    Response,
    Split,
    mean_absolute_error,
    saved_models,
)
from tfcourse.checks.asking import ask_here
from tfcourse.checks.guard import attempt
from tfcourse.checks.model_files import NOT_ISOLATED, load_and_predict
from tfcourse.checks.records import ModelFile, ModelRequest, ProblemKind, Task
from tfcourse.errors import LearnerMistake

pytestmark = pytest.mark.slow

WANTED = FileModel(Output("value"), max_parameters=100, most_bytes=2**20)
TASK = Task("exam.line", WANTED, cases=())
X = np.random.default_rng(0).normal(size=(7, 3)).astype("float32")


def build(*layers, shape=(3,), **options):
    import keras

    return keras.Sequential([keras.Input(shape=shape, **options), *layers])


def line(units=1, shape=(3,)):
    import keras

    return build(keras.layers.Dense(units), shape=shape)


def file_of(model, format="keras", tmp_path=None):
    path = tmp_path / f"saved.{format}"
    model.save(path)
    return ModelFile(path.read_bytes(), format)


def respond(learner_object, wanted=WANTED):
    return attempt(partial(wanted.respond, learner_object, TASK), seconds=60)


def load(model, x=X, wanted=WANTED, **options):
    return load_and_predict(ModelRequest(model, wanted, (x,)), **options)


def refusal(model, x=X, wanted=WANTED):
    with pytest.raises(LearnerMistake) as refused:
        load(model, x, wanted)
    return str(refused.value)


def archive(**parts):
    """Return a .keras file with some of its parts replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "."), content)
    return ModelFile(file.getvalue(), "keras")


def configuration_of(file):
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        return json.loads(archive.read("config.json"))


# ---------------------------------------------------------------------------- handing over


def test_a_trained_model_is_handed_over_as_a_file():
    response = respond(line())
    assert response.problem is None
    assert response.outputs == ()
    assert response.model.format == "keras"
    assert zipfile.is_zipfile(io.BytesIO(response.model.content))


@pytest.mark.parametrize("name", ["model.keras", "mymodel.h5", "other.HDF5"])
def test_a_file_is_handed_over_by_its_path(tmp_path, name):
    model = line()
    model.save(tmp_path / name.lower())
    (tmp_path / name.lower()).rename(tmp_path / name)
    for path in (tmp_path / name, str(tmp_path / name)):
        response = respond(path)
        assert response.model.content == (tmp_path / name).read_bytes()
        assert response.model.format == ("keras" if name.endswith("keras") else "h5")


@pytest.mark.parametrize("nothing", [None, ...])
def test_nothing_yet(nothing):
    assert respond(nothing).problem.kind is ProblemKind.NOT_ATTEMPTED


@pytest.mark.parametrize(
    ("handed_over", "message"),
    [
        (line, "Expected a trained model or the path of its file; found a function."),
        (3, "found int"),
        ("nowhere.keras", "Expected a file nowhere.keras; found none."),
        (__file__, "Expected a name that ends in .keras or .h5; found test_model_files.py."),
    ],
)
def test_what_is_no_model_and_no_file(handed_over, message):
    response = respond(handed_over)
    assert response.problem.kind is ProblemKind.MISTAKE
    assert message in response.problem.message
    assert response.model is None


def test_a_model_without_weights():
    import keras

    response = respond(keras.Sequential([keras.layers.Dense(1)]))
    assert "found one without weights. Call fit() first" in response.problem.message


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "model.keras"
    with path.open("wb") as file:
        file.truncate(10 * 2**30)
    message = respond(path).problem.message
    assert "Expected a model file of at most 1.0 MB; found 10240.0 MB." in message


# ---------------------------------------------------------------------------- loading and predicting


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_an_honest_model_predicts_as_it_did(tmp_path, format):
    model = line()
    model.compile(loss="mse", optimizer="adam")  # a .h5 with this loss fails to load if it is compiled again
    loaded = load(file_of(model, format, tmp_path), isolated=True)
    np.testing.assert_array_equal(loaded.predictions, model.predict(X, verbose=0))
    assert (loaded.predictions.dtype, loaded.facts.parameters, loaded.facts.layers) == (np.float32, 4, ("Dense",))
    assert loaded.note == ""


def test_a_h5_is_not_loaded_outside_a_sandbox_without_saying_so(tmp_path):
    model = line()
    assert load(file_of(model, "h5", tmp_path)).note == NOT_ISOLATED
    assert load(file_of(model, "keras", tmp_path)).note == ""


def test_layers_of_nested_models_are_told(tmp_path):
    import keras

    model = build(line(2), keras.layers.Dropout(0.5), keras.layers.Dense(1))
    assert load(file_of(model, tmp_path=tmp_path)).facts.layers == (
        "Sequential",
        "Dense",
        "Dropout",
        "Dense",
    )


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_facts_of_a_model_are_told(tmp_path, format):
    import keras

    model = build(keras.layers.Rescaling(0.5), keras.layers.Dense(5, trainable=False), keras.layers.Dense(1))
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.25, 10)))
    facts = load(file_of(model, format, tmp_path)).facts
    assert (facts.parameters, facts.trainable, facts.layers) == (26, 6, ("Rescaling", "Dense", "Dense"))
    assert (facts.low, facts.high) == (pytest.approx(X.min() / 2), pytest.approx(X.max() / 2))
    # A .h5 file tells it as well, but nobody asks: such models are rare.
    assert (facts.optimizer, facts.rate) == (("SGD", 0.25) if format == "keras" else ("", None))


@pytest.mark.parametrize(
    "optimizer",
    [
        None,
        [],
        "adam",
        {"class_name": 3, "config": {"learning_rate": "fast"}},
        {"class_name": "Adam", "config": {"learning_rate": 10**400}},
        {"class_name": "Adam", "config": {"learning_rate": {"config": {"initial_learning_rate": [1]}}}},
    ],
)
def test_how_a_model_was_trained_is_read_and_not_believed(tmp_path, optimizer):
    content = file_of(line(), tmp_path=tmp_path).content
    with zipfile.ZipFile(io.BytesIO(content)) as saved:
        parts = {name: saved.read(name) for name in saved.namelist()}
    configuration = json.loads(parts["config.json"]) | {"compile_config": {"optimizer": optimizer}}
    parts["config.json"] = json.dumps(configuration).encode()
    facts = load(archive(**{name.replace(".", "__"): part for name, part in parts.items()})).facts
    assert (facts.parameters, facts.optimizer, facts.rate) == (4, "", None)


def test_training_inputs_are_asked_about_in_the_form_that_the_model_takes(tmp_path):
    words, numbers = np.array(["one two", "two"]), np.zeros((2, 3), "float32")
    request = ModelRequest(
        file_of(line(), tmp_path=tmp_path), WANTED, (words, numbers), (np.tile(words, 2), np.tile(numbers, (2, 1)))
    )
    asked = load_and_predict(request)
    assert (asked.predictions.shape, asked.seen.shape) == ((2, 1), (4, 1))
    assert load(file_of(line(), tmp_path=tmp_path)).seen is None


def test_text_goes_in_as_text(tmp_path):
    import keras

    vectorize = keras.layers.TextVectorization(output_mode="count", max_tokens=4)
    words = np.array(["one two", "two"])
    vectorize.adapt(words)
    model = build(vectorize, keras.layers.Dense(1), shape=(), dtype="string")
    loaded = load(file_of(model, tmp_path=tmp_path), words)
    assert loaded.predictions.shape == (2, 1)


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_another_input_shape(tmp_path, format):
    message = refusal(file_of(line(shape=(4,)), format, tmp_path))
    assert message.startswith("Expected a model for inputs of shape (batch, 3); found one for (batch, 4).")


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_another_output_shape(tmp_path, format):
    message = refusal(file_of(line(units=2), format, tmp_path))
    assert message.startswith("Expected predictions of shape (batch, 1); found (batch, 2).")


def test_logits_where_probabilities_are_wanted(tmp_path):
    wanted = FileModel(Output("probability"))
    model = line()
    model.set_weights([np.full((3, 1), 50.0), np.zeros(1)])
    assert "which look like logits" in refusal(file_of(model, tmp_path=tmp_path), wanted=wanted)


def test_predictions_that_are_not_finite(tmp_path):
    model = line()
    model.set_weights([np.full((3, 1), np.nan), np.zeros(1)])
    assert refusal(file_of(model, tmp_path=tmp_path)).startswith("Expected finite predictions; found NaN")


def test_too_many_parameters(tmp_path):
    import keras

    model = build(keras.layers.Dense(30), keras.layers.Dense(1))
    assert "Expected at most 100 parameters; found 151." in refusal(file_of(model, tmp_path=tmp_path))


def test_two_outputs(tmp_path):
    import keras

    inputs = keras.Input((3,))
    model = keras.Model(inputs, [keras.layers.Dense(1)(inputs), keras.layers.Dense(1)(inputs)])
    assert "Expected a model with one output; found 2." in refusal(file_of(model, tmp_path=tmp_path))


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_a_dict_of_outputs_is_told_by_their_names(tmp_path, format):
    import keras

    inputs = keras.Input((3,))
    model = keras.Model(inputs, {"a": keras.layers.Dense(1)(inputs), "b": keras.layers.Dense(1)(inputs)})
    assert "found a dict with outputs a, b." in refusal(file_of(model, format, tmp_path))


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_two_inputs_are_told_by_their_names(tmp_path, format):
    import keras

    inputs = [keras.Input((3,), name="size"), keras.Input((3,), name="age")]
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Concatenate()(inputs)))
    assert refusal(file_of(model, format, tmp_path)).startswith("Expected a model with one input; found 2: size, age.")


def test_a_model_that_was_never_built(tmp_path):
    import keras

    message = refusal(file_of(keras.Sequential([keras.layers.Dense(1)]), tmp_path=tmp_path))
    assert message.startswith("Expected a trained model; found one without weights. Begin it with keras.Input(")
    assert 'save it again with model.save("model.keras")' in message


def test_arithmetic_between_layers_travels_in_a_h5(tmp_path):
    import keras

    inputs = keras.Input((3,))
    x = 1.0 - inputs / 2.0 + inputs[:, :1] * inputs
    x = keras.ops.concatenate([x, keras.ops.mean(x, axis=-1, keepdims=True)], axis=-1)
    x = keras.layers.Concatenate()([x, inputs])
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Add()([x, keras.ops.abs(x)])))
    predictions = load(file_of(model, "h5", tmp_path)).predictions
    np.testing.assert_array_equal(predictions, model.predict(X, verbose=0))


def test_preprocessing_with_an_ellipsis_travels_in_a_h5(tmp_path):
    import keras

    inputs = keras.Input((4, 4, 3))
    x = keras.applications.vgg16.preprocess_input(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(x)))
    pictures = np.random.default_rng(0).uniform(0, 255, (5, 4, 4, 3)).astype("float32")
    predictions = load(file_of(model, "h5", tmp_path), pictures).predictions
    np.testing.assert_array_equal(predictions, model.predict(pictures, verbose=0))


# ---------------------------------------------------------------------------- files that are refused


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_a_lambda_is_refused_and_named(tmp_path, format):
    import keras

    model = build(keras.layers.Lambda(lambda x: x[:, :1]))
    message = refusal(file_of(model, format, tmp_path))
    assert message.startswith("Expected a model of Keras's own layers; found Lambda, which holds a program.")


@pytest.mark.parametrize("format", ["keras", "h5"])
@pytest.mark.parametrize("registered", [True, False])
def test_a_layer_of_the_learners_own_is_refused_even_where_it_is_known(tmp_path, format, registered):
    import keras

    class Halve(keras.layers.Layer):
        def call(self, x):
            return x[:, :1] / 2

    if registered:
        keras.saving.register_keras_serializable("Learner")(Halve)
    known = keras.saving.get_custom_objects()
    before = dict(known)
    try:
        message = refusal(file_of(build(Halve()), format, tmp_path))
        assert "found Halve, a class or function of your own" in message
        assert dict(known) == before
    finally:
        known.pop("Learner>Halve", None)


def of_a_notebook(cls):
    """Keras writes no module for a class that a notebook's cell defines."""
    cls.__module__ = "__main__"
    return cls


def test_a_layer_of_a_notebook_is_refused_and_named(tmp_path):
    import keras

    @of_a_notebook
    class Scale(keras.layers.Layer):
        def call(self, x):
            return x[:, :1] * 2

    file = file_of(build(Scale()), tmp_path=tmp_path)
    assert configuration_of(file)["config"]["layers"][1]["module"] is None
    assert "found Scale, a class or function of your own" in refusal(file)


@pytest.mark.parametrize("subclass", ["Model", "Sequential"])
def test_a_model_class_of_a_notebook_is_refused_and_named(tmp_path, subclass):
    import keras

    @of_a_notebook
    class Mine(getattr(keras, subclass)):
        def train_step(self, data):
            return {}

    model = line()
    mine = Mine(model.inputs, model.outputs) if subclass == "Model" else Mine([keras.Input((3,)), *model.layers])
    file = file_of(mine, tmp_path=tmp_path)
    assert configuration_of(file)["module"] is None
    assert "found Mine, a class or function of your own" in refusal(file)
    assert "found Mine, a class or function of your own" in refusal(file_of(mine, "h5", tmp_path))


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_a_function_of_tensorflows_is_known_under_its_other_name(tmp_path, format):
    import keras
    import tensorflow as tf

    model = build(keras.layers.Dense(2, activation=tf.nn.softmax), keras.layers.Dense(1))
    predictions = load(file_of(model, format, tmp_path)).predictions
    np.testing.assert_array_equal(predictions, model.predict(X, verbose=0))


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_how_a_model_was_trained_does_not_matter(tmp_path, format):
    def loss(y_true, y_pred):
        return abs(y_true - y_pred)

    model = line()
    model.compile(loss=loss, optimizer="adam")
    model.fit(X, X[:, :1], verbose=0)
    assert load(file_of(model, format, tmp_path)).predictions.shape == (7, 1)


def test_an_activation_of_the_learners_own_is_refused(tmp_path):
    import keras

    def half(x):
        return x / 2

    model = build(keras.layers.Dense(1, activation=half))
    assert "found half, a class or function of your own" in refusal(file_of(model, tmp_path=tmp_path))


@pytest.mark.parametrize("format", ["keras", "h5"])
@pytest.mark.parametrize(
    "content", [b"", b"garbage" * 100, b"PK\x03\x04" + bytes(100), b"\x89HDF\r\n\x1a\n" + bytes(99)]
)
def test_garbage_is_no_model(format, content):
    message = refusal(ModelFile(content, format))
    assert message.startswith(f"Expected a .{format} file; found ")
    assert message.endswith('Save it again with model.save("model.keras").')
    assert len(message) < 400


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_a_file_that_was_cut_off(tmp_path, format):
    whole = file_of(line(), format, tmp_path).content
    assert refusal(ModelFile(whole[: len(whole) // 2], format)).startswith(f"Expected a .{format} file; found ")


def test_a_file_under_the_other_name(tmp_path):
    content = file_of(line(), "h5", tmp_path).content
    assert refusal(ModelFile(content, "keras")).startswith("Expected a .keras file; found ")


def test_a_h5_under_the_other_name_is_to_be_renamed(tmp_path):
    for format, other in (("keras", "h5"), ("h5", "keras")):
        message = refusal(ModelFile(file_of(line(), other, tmp_path).content, format))
        assert f"found one that begins like a .{other} file. Rename it to end in .{other}." in message


@pytest.mark.parametrize("format", ["keras", "h5"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "found an empty one. Save it again"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "found a pointer of Git LFS. Fetch"),
        (b"\n<!DOCTYPE html>\n<html></html>", "found a web page. Download the file itself"),
        (b"\xef\xbb\xbf<html lang='en'>", "found a web page. Download the file itself"),
        (b'{"class_name": "Sequential"}', "found text in JSON. A model with its weights is saved with"),
        (b"\x80\x04\x95", "found a Python pickle. A model is saved with"),
        (b"\x1f\x8b\x08\x00", "found an archive packed with gzip. Unpack it"),
        (b"0123", "found something else. Save it again"),
    ],
)
def test_what_is_no_model_is_told_as_what_it_is(format, content, told):
    assert refusal(ModelFile(content, format)).startswith(f"Expected a .{format} file; {told}")


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_a_file_that_was_cut_off_is_told_so(tmp_path, format):
    whole = file_of(line(), format, tmp_path).content
    for share in (0.1, 0.5, 0.99):
        message = refusal(ModelFile(whole[: int(share * len(whole))], format))
        assert message.startswith(f"Expected a .{format} file; found one that is damaged or was cut off.")


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"model__keras": b"PK"}, "an archive with model.keras in it. Unpack it"),
        ({"saved/saved_model__pb": b""}, "an archive with a SavedModel in it. Save the model with"),
        ({"model/config__json": b"{}"}, "an archive whose parts are in a folder, model/config.json. Save it again"),
        ({"a__txt": b"", "b__txt": b""}, "an archive without a model, of a.txt, b.txt."),
        ({}, "an archive without a model, of no files."),
    ],
)
def test_an_archive_of_something_else(parts, told):
    assert refusal(archive(**parts)).startswith(f"Expected a .keras file; found {told}")


def test_a_folder_is_no_file(tmp_path):
    folder = tmp_path / "model.keras"
    folder.mkdir()
    assert "Expected a model's file; found a folder: " in respond(folder).problem.message
    (folder / "saved_model.pb").write_bytes(b"")
    assert "found a SavedModel, which is a folder: " in respond(folder).problem.message


def test_weights_alone(tmp_path):
    path = tmp_path / "model.weights.h5"
    line().save_weights(path)
    message = refusal(ModelFile(path.read_bytes(), "h5"))
    assert "found one without its layers: weights alone, perhaps." in message


def test_a_small_file_that_unpacks_to_a_large_one_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(saved_models, "MOST_UNPACKED", 2**20)
    bomb = archive(config__json="{}", model__weights__h5=bytes(2**21))
    assert len(bomb.content) < 2**14
    assert "Expected a model file that unpacks to at most 1.0 MB" in refusal(bomb)


def test_a_description_without_end_is_not_read():
    assert "found more" in refusal(archive(config__json=" " * (5 * 2**20)))


def test_a_thousand_parts_are_too_many():
    assert "found more" in refusal(archive(**{f"part{number}": b"" for number in range(1_001)}))


def test_a_h5_whose_weights_would_fill_the_memory(tmp_path):
    import h5py

    path = tmp_path / "model.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = "{}"
        file.create_dataset("weights", shape=(2**40,), dtype="f8", chunks=(2**16,))
    assert path.stat().st_size < 2**16
    assert "Expected a model file that unpacks to at most" in refusal(ModelFile(path.read_bytes(), "h5"))


@pytest.mark.parametrize(
    "configuration",
    [
        "{}",
        "[]",
        "[" * 100_000,
        json.dumps({"class_name": "Dense", "module": "keras.layers", "config": {"units": 1}}),
        json.dumps({"class_name": "function", "module": "os", "config": "system", "registered_name": "system"}),
        json.dumps({"class_name": "Model", "module": ["os"], "config": 3}),
    ],
)
def test_a_forged_description_is_refused(configuration):
    assert refusal(archive(config__json=configuration, model__weights__h5=b"", metadata__json="{}")).startswith(
        "Expected"
    )


def test_a_text_layer_that_h5_cannot_keep(tmp_path):
    import keras

    vectorize = keras.layers.TextVectorization(output_mode="count", max_tokens=4)
    words = np.array(["one two", "two"])
    vectorize.adapt(words)
    model = build(vectorize, keras.layers.Dense(1), shape=(), dtype="string")
    message = refusal(file_of(model, "h5", tmp_path), words)
    assert message.startswith(("Expected a model that predicts; found ", "Expected a model that Keras"))
    assert 'model.save("model.keras")' in message


# ---------------------------------------------------------------------------- as a check


def check():
    def data(seed):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(40, 3)).astype("float32")
        y = x.sum(axis=1)
        return Split(x[:10], y[:10], x[10:], y[10:])

    return ModelCheck(
        id="exam.line",
        title="A line",
        skills=("B1",),
        hints=("a", "b"),
        reference=lambda: None,
        data=data,
        training=WANTED,
        ladder=Ladder(mean_absolute_error, (5, 4, 3, 2, 0.1)),
        baselines=(),
        advice=(Advice("Go on."),),
    )


def test_the_hidden_inputs_of_a_model_file_stay_with_the_examiner():
    task, key = check().draw(3)
    assert (task.cases, dict(task.train)) == ((), {})
    assert key.inputs[0].shape == (30, 3)


def test_a_model_file_is_judged_by_the_ladder(tmp_path):
    from tfcourse.examiner.paper import Question

    question = Question.draw(check(), 3)
    model = line()
    model.set_weights([np.ones((3, 1)), np.zeros(1)])
    response, score = question.judge(respond(model), ask_here, reveal=False)
    assert (score.points, score.outcome, score.parameters) == (5, Outcome.RIGHT, 4)
    assert response.outputs[0][0].shape == (30, 1)
    _, score = question.judge(Response(model=file_of(model, "h5", tmp_path)), ask_here, reveal=False)
    assert score.points == 5
    assert score.message.endswith(NOT_ISOLATED)
    assert response.digest() != respond(line()).digest()


def test_predictions_without_a_model_get_nothing():
    from tfcourse.examiner.paper import Question

    question = Question.draw(check(), 3)
    forged = Response(outputs=question.key.expected, parameters=1)
    response, score = question.judge(forged, ask_here, reveal=False)
    assert (score.points, score.outcome, response.outputs) == (0, Outcome.MISTAKE, ())


def test_a_file_that_cannot_be_used_gets_nothing_and_the_reason():
    from tfcourse.examiner.paper import Question

    question = Question.draw(check(), 3)
    _, score = question.judge(Response(model=ModelFile(b"no", "keras")), ask_here, reveal=False)
    assert (score.points, score.outcome) == (0, Outcome.MISTAKE)
    assert score.message.startswith("Expected a .keras file; found ")
