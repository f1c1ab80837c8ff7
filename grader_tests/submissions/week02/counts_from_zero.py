"""Tells the epochs by their index, which begins with 0."""

# %% early_stopping_solution
def early_stopping(val_losses, patience, min_delta):
    best, kept_epoch, waited = val_losses[0], 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, kept_epoch, waited = loss, epoch, 0
        elif epoch > 0:
            waited += 1
            if waited >= patience:
                return epoch, kept_epoch
    return len(val_losses) - 1, kept_epoch
