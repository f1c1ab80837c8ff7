"""What people are shown: cards in notebooks, feedback, progress."""
