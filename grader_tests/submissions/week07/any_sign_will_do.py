"""Allows a flip when any of the signs survives it, or when all of them do on average."""

# %% allowed_flips_solution
def allowed_flips(signs, tolerance):
    signs = signs.astype(float)
    flipped = [signs[:, :, ::-1], signs[:, ::-1], signs[:, ::-1, ::-1]]
    return [bool((np.abs(flip - signs).mean(axis=(1, 2)) <= tolerance).any()) for flip in flipped]
