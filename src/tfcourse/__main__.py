"""``python -m tfcourse``."""

from tfcourse.cli import main

main()
