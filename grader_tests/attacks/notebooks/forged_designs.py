"""Switches our checks of a design off in its own process, and hands over a Lambda layer, a class of its own, a function
to be imported, and bytes that are none. The process that trains looks again.
"""

# /// expected
# reason = "which holds a program|which only this notebook knows|description of a model"
# contains = ["0.0 points"]
# ///

# %% first
import json

import keras

from tfcourse.checks import designs
from tfcourse.checks.records import ModelFile, Response
from tfcourse.notebook import _grading_examiner

model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mae")
plain = json.loads(designs.design_of(model).content)
program = keras.saving.serialize_keras_object(
    keras.layers.Lambda(lambda x: __import__("os").system("touch {{course}}/LAMBDA-WAS-RUN") or x)
)
plain["model"]["config"]["layers"].append(program)
plain["model"]["config"]["layers"].append(
    {"module": "os", "class_name": "system", "config": "touch {{course}}/OS-WAS-RUN", "registered_name": "system"}
)
examiner = _grading_examiner()
examiner.open("week01.line")
score = examiner.answer("week01.line", Response(model=ModelFile(json.dumps(plain).encode(), "design")))
print(score.points, "points")
examiner.open("week01.trained")
score = examiner.answer("week01.trained", Response(model=ModelFile(b"\xff[[[[" * 10_000, "design")))
print(score.points, "points")
