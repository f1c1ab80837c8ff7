"""Kernels that start warm: forked from a server that has imported TensorFlow, and confined where that is asked for."""
