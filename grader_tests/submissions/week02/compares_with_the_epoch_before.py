"""Compares each loss with the one before it, not with the best so far."""

# %% early_stopping_solution
def early_stopping(val_losses, patience, min_delta):
    kept_epoch, waited = 1, 0
    for epoch in range(2, len(val_losses) + 1):
        if val_losses[epoch - 1] < val_losses[epoch - 2] - min_delta:
            kept_epoch, waited = epoch, 0
        else:
            waited += 1
            if waited >= patience:
                return epoch, kept_epoch
    return len(val_losses), kept_epoch
