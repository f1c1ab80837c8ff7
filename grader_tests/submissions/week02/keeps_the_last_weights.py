"""Waits one epoch longer than patience says, and keeps the weights of the epoch that training stopped in."""

# %% early_stopping_solution
def early_stopping(val_losses, patience, min_delta):
    best, waited = val_losses[0], 0
    for epoch, loss in enumerate(val_losses[1:], start=2):
        if loss < best - min_delta:
            best, waited = loss, 0
        else:
            waited += 1
            if waited > patience:
                return epoch, epoch
    return len(val_losses), len(val_losses)
