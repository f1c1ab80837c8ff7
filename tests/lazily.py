"""Keras and TensorFlow, imported when a test first uses them: collecting the tests must not take seconds."""

import importlib


class _Lazily:
    """Stands for a module."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> object:
        return getattr(importlib.import_module(self._name), attribute)


keras = _Lazily("keras")
layers = _Lazily("keras.layers")
ops = _Lazily("keras.ops")
tf = _Lazily("tensorflow")
