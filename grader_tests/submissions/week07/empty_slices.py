"""Slices that work for positive moves, and are empty for none at all."""

# %% shift_solution
def shift(pictures, down, right, fill):
    shifted = np.full_like(pictures, fill)
    if down > 0 and right > 0:
        shifted[:, down:, right:] = pictures[:, :-down, :-right]
    elif down < 0 and right < 0:
        shifted[:, :down, :right] = pictures[:, -down:, -right:]
    elif down >= 0:
        shifted[:, down:, :right] = pictures[:, : pictures.shape[1] - down, -right:]
    return shifted
