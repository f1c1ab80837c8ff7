"""Whatever is wrong with a model's file, it is the learner's file: never a bare exception, never our fault."""

import copy
import io
import json
import zipfile

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tfcourse.checks import FileModel, Output
from tfcourse.checks.model_files import load_and_predict
from tfcourse.checks.records import ModelRequest
from tfcourse.errors import LearnerCrash, LearnerMistake

pytestmark = pytest.mark.slow

WANTED = FileModel(Output("value"), max_parameters=1_000, most_bytes=2**20)
X = np.random.default_rng(0).normal(size=(3, 3)).astype("float32")
FORMATS = st.sampled_from(["keras", "h5"])
VERSIONS = st.sampled_from(["2.15.0", "3.15.0", "", 7])
JSON = st.recursive(
    # Whole numbers are small: a layer of any size can be described, and what it takes is bounded by the sandbox.
    st.none() | st.booleans() | st.integers(-3, 40) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
WORDS = st.sampled_from(
    [
        "class_name",
        "config",
        "layers",
        "module",
        "registered_name",
        "inbound_nodes",
        "Dense",
        "TFOpLambda",
        "Sequential",
    ]
)
same_each_time = settings(
    derandomize=True, database=None, deadline=None, max_examples=120, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The bytes of one small model in both formats: arithmetic, a model within it, and an LSTM."""
    import keras

    inputs = keras.Input((3,))
    x = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.BatchNormalization()])(inputs / 2.0)
    x = keras.layers.LSTM(2)(keras.layers.Reshape((2, 1))(x))
    model = keras.Model(inputs, keras.layers.Dense(1)(x))
    folder = tmp_path_factory.mktemp("whole")
    for format in ("keras", "h5"):
        model.save(folder / f"model.{format}")
    return {format: (folder / f"model.{format}").read_bytes() for format in ("keras", "h5")}


def survives(folder, content, format):
    """Read a file and ask it; tell whether it could be asked."""
    path = folder / f"model.{format}"
    path.write_bytes(content)
    told = ""
    try:
        model = WANTED.read(path)
        predictions = load_and_predict(ModelRequest(model, WANTED, (X,)), isolated=True).predictions
    except (LearnerMistake, LearnerCrash) as error:
        told = str(error)
    if told:
        assert told.startswith("Expected")
        assert len(told) < 700
        return False
    assert predictions.shape == (3, 1)
    return True


def configured(content, format, configuration, version):
    """Return a file with another configuration."""
    text, output = json.dumps(configuration), io.BytesIO(content if format == "h5" else b"")
    if format == "h5":
        with h5py.File(output, "r+") as file:
            file.attrs["model_config"] = text
            file.attrs["keras_version"] = version
    else:
        with zipfile.ZipFile(io.BytesIO(content)) as saved, zipfile.ZipFile(output, "w") as archive:
            archive.writestr("model.weights.h5", saved.read("model.weights.h5"))
            archive.writestr("config.json", text)
            archive.writestr("metadata.json", json.dumps({"keras_version": version}))
    return output.getvalue()


def configuration_of(content, format):
    if format == "h5":
        with h5py.File(io.BytesIO(content)) as file:
            return json.loads(file.attrs["model_config"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return json.loads(archive.read("config.json"))


def places(value, above=()):
    """Yield the path of every value within a configuration."""
    yield above
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*above, key))


def with_another(configuration, place, value):
    if not place:
        return value
    configuration = copy.deepcopy(configuration)
    within = configuration
    for key in place[:-1]:
        within = within[key]
    within[place[-1]] = value
    return configuration


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_the_whole_file_can_be_asked(files, tmp_path, format):
    assert survives(tmp_path, files[format], format)
    again = configured(files[format], format, configuration_of(files[format], format), "3.15.0")
    assert survives(tmp_path, again, format)


@same_each_time
@given(
    format=FORMATS,
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=8),
)
def test_bytes_that_have_changed(files, tmp_path_factory, format, flips):
    content = bytearray(files[format])
    for where, by in flips:
        content[int(where * len(content))] ^= by
    survives(tmp_path_factory.getbasetemp(), bytes(content), format)


@same_each_time
@given(format=FORMATS, as_if=FORMATS, share=st.floats(0, 1, exclude_max=True), zeros=st.integers(0, 100))
def test_a_file_that_was_cut_off(files, tmp_path_factory, format, as_if, share, zeros):
    content = files[format][: int(share * len(files[format]))] + bytes(zeros)
    survives(tmp_path_factory.getbasetemp(), content, as_if)


@same_each_time
@given(format=FORMATS, version=VERSIONS, configuration=JSON)
@example(format="keras", version="2.15.0", configuration={"class_name": "Sequential", "config": []})
@example(format="h5", version="2.15.0", configuration={"class_name": ["Sequential"], "config": {}})
def test_any_json_as_a_configuration(files, tmp_path_factory, format, version, configuration):
    content = configured(files[format], format, configuration, version)
    survives(tmp_path_factory.getbasetemp(), content, format)


@same_each_time
@given(format=FORMATS, version=VERSIONS, where=st.floats(0, 1, exclude_max=True), value=JSON | WORDS)
def test_any_json_within_a_configuration(files, tmp_path_factory, format, version, where, value):
    configuration = configuration_of(files[format], format)
    found = [place for place in places(configuration) if "compile_config" not in place]
    changed = with_another(configuration, found[int(where * len(found))], value)
    survives(tmp_path_factory.getbasetemp(), configured(files[format], format, changed, version), format)


@pytest.mark.parametrize("format", ["keras", "h5"])
@pytest.mark.parametrize("version", ["2.15.0", "3.15.0"])
@pytest.mark.parametrize("depth", [100, 400, 5_000])
def test_a_configuration_nested_too_deep(files, tmp_path, format, version, depth):
    layer = '{"class_name": "TimeDistributed", "config": {"layer": '
    text = layer * depth + "null" + "}}" * depth
    output = io.BytesIO(files["h5"] if format == "h5" else b"")
    if format == "h5":
        with h5py.File(output, "r+") as file:
            del file.attrs["model_config"]
            file.attrs["model_config"] = text[:60_000]
            file.attrs["keras_version"] = version
    else:
        with zipfile.ZipFile(output, "w") as archive:
            archive.writestr("config.json", text)
            archive.writestr("metadata.json", json.dumps({"keras_version": version}))
    assert not survives(tmp_path, output.getvalue(), format)
