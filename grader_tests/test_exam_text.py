"""The text families of the exam: what a seed draws, and that both forms of the hidden texts are the statements' own."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from grader_tests import exam_text
from tfcourse.checks.records import Folder
from tfcourse.course import find_course
from tfcourse.datasets import accidents, complaints, pilot_boat
from tfcourse.texts import is_setup, read_text

SEED = 2**255 + 19
LENGTHS = {
    "accidents": accidents.MOST_WORDS,
    "pilot_boat": pilot_boat.MOST_WORDS_QUIET,
    "complaints": complaints.MOST_WORDS,
}
TRAINING_TEXTS = {"accidents": 5_000, "pilot_boat": 5_000, "complaints": 8_000}
CHECKS = {check.name: check for check in exam_text.CHECKS}


@pytest.fixture(scope="module")
def drawn():
    return {name: check.data(SEED) for name, check in CHECKS.items()}


def texts_in(name, files):
    """Return the training texts and labels as a candidate reads them."""
    if name == "accidents":
        letters = {path: text for path, text in files.items() if "/" in path}
        found = {
            text.decode().rstrip("\n"): accidents.CAUSES.index(path.split("/")[0]) for path, text in letters.items()
        }
    elif name == "pilot_boat":
        rows = list(csv.DictReader(io.StringIO(files["log.csv"].decode())))
        assert [int(row["page"]) for row in rows] == list(range(1, 5_001))
        found = {row["entry"]: pilot_boat.PLACES.index(row["pilot_boat"]) for row in rows}
    else:
        lines = [json.loads(line) for line in files["reviews.jsonl"].decode().splitlines()]
        found = {line["text"]: complaints.PARTS.index(line["complaint"]) for line in lines}
    return found


@pytest.mark.parametrize("name", CHECKS)
def test_do_the_files_hold_the_training_texts_and_no_hidden_one(drawn, name):
    files, split = drawn[name].files, drawn[name]
    found = texts_in(name, files)
    assert found == dict(zip(split.x_train.tolist(), split.y_train.tolist(), strict=True))
    assert len(found) == TRAINING_TEXTS[name]
    assert len(set(split.x_test.tolist()) - set(found)) == exam_text.HIDDEN_TEXTS
    everything = b"\n".join(files.values()).decode()
    # A short text may be how a longer one begins.
    hidden = [text for text in split.x_test.tolist()[:200] if not any(known.startswith(text) for known in found)]
    assert len(hidden) > 180
    assert not any(text in everything for text in hidden)
    assert sum(map(len, files.values())) < 3 * 2**20


@pytest.mark.parametrize("name", CHECKS)
def test_are_hidden_classes_about_equally_frequent_and_in_random_order(drawn, name):
    key = drawn[name].y_test
    shares = np.bincount(key) / len(key)
    assert abs(shares - 1 / len(shares)).max() < 0.04
    assert abs(np.mean(key[1:] == key[:-1]) - 1 / len(shares)) < 0.06


@pytest.mark.parametrize("name", CHECKS)
def test_is_a_seed_one_problem_and_another_seed_another(drawn, name):
    again, other = CHECKS[name].data(SEED), CHECKS[name].data(SEED + 1)
    assert again.files == drawn[name].files
    for form, same in zip((drawn[name].x_test, *drawn[name].forms), (again.x_test, *again.forms), strict=True):
        assert np.array_equal(form, same)
    assert len(set(other.x_test) & set(drawn[name].x_train)) < 20


@pytest.mark.parametrize("name", CHECKS)
def test_does_the_statements_encode_give_the_word_numbers_of_the_check(drawn, name, tmp_path):
    Folder(drawn[name].files).write(tmp_path / "data")
    text = read_text(find_course().exam_folder / f"{name}.py")
    namespace = {"__file__": str(tmp_path / "solution.py")}
    for cell in text.cells:
        if is_setup(cell):
            exec(cell.source, namespace)
    split = drawn[name]
    (numbers,) = split.forms
    found = namespace["encode"](split.x_test)
    assert np.array_equal(found, numbers)
    assert (found.dtype, found.shape) == (np.int32, (exam_text.HIDDEN_TEXTS, LENGTHS[name]))
    vocabulary = (tmp_path / "data" / "vocabulary.txt").read_text().split()
    assert numbers.max() <= len(vocabulary) + 1
    assert numbers[:, 0].min() > 0
    assert (numbers == 1).mean() < 0.01
    unknown = namespace["encode"](["Xylophone! " + vocabulary[0].upper() + "-" + vocabulary[3] + " word" * 100])[0]
    assert unknown[:3].tolist() == [1, 2, 5]
    assert len(unknown) == LENGTHS[name]


@pytest.mark.parametrize("name", CHECKS)
def test_does_the_statement_name_its_files_and_sizes(drawn, name):
    path = find_course().exam_folder / f"{name}.py"
    statement = path.read_text().split('tags=["setup"]')[0]
    for wanted in (
        "data/vocabulary.txt",
        f"(batch, {LENGTHS[name]})",
        f"up to {LENGTHS[name]} words",
        f"{TRAINING_TEXTS[name]:,}",
        "1,500",
    ):
        assert wanted in statement
    for file in {Path(file).parts[0] for file in drawn[name].files}:
        assert f"`data/{file}" in statement


@pytest.mark.parametrize("name", CHECKS)
def test_is_a_model_taken_that_reads_words_or_numbers(drawn, name, tmp_path):
    import keras
    from keras import layers

    from tfcourse.checks.model_files import load_and_predict

    check, split = CHECKS[name], drawn[name]
    units = check.training.output.shape[0]
    last = layers.Dense(units, activation="softmax" if units > 1 else "sigmoid")
    vectorizer = layers.TextVectorization(output_sequence_length=LENGTHS[name])
    vectorizer.adapt(split.x_train[:200])
    text, numbers = keras.Input((), dtype="string"), keras.Input((LENGTHS[name],), dtype="int32")
    files = []
    for suffix, entry, ids in (
        ("keras", text, vectorizer(text)),
        ("keras", numbers, numbers),
        ("h5", numbers, numbers),
    ):
        model = keras.Model(entry, last(layers.GlobalAveragePooling1D()(layers.Embedding(500, 2)(ids))))
        model.save(tmp_path / f"{model.name}.{suffix}")
        files.append(check.training.read(tmp_path / f"{model.name}.{suffix}"))
    inputs = (split.x_test[:40], *(form[:40] for form in split.forms))
    for file in files:
        assert len(load_and_predict(file, inputs, check.training).predictions) == 40
