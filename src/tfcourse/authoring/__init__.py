"""From text to release: ``curriculum/`` -> ``source/`` -> ``release/``, and back."""
