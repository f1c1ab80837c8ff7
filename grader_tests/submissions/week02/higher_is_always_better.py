"""Stops when the metric is above the target, whether it is an accuracy or a loss."""

# %% stop_at_solution
def stop_at(monitor, target):
    class StopAt(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if logs.get(monitor, 0) > target:
                self.model.stop_training = True

    return StopAt()
