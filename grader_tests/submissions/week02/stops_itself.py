"""Sets the flag on the callback, where nobody looks, and not on the model."""

# %% stop_at_solution
def stop_at(monitor, target):
    class StopAt(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            value = (logs or {}).get(monitor)
            if value is not None and (value <= target if monitor.endswith("loss") else value >= target):
                self.stop_training = True

    return StopAt()
