"""Allows a flip when each flipped sign is some sign of the set: a b may become a d."""

# %% allowed_flips_solution
def allowed_flips(signs, tolerance):
    signs = signs.astype(float)
    flipped = [signs[:, :, ::-1], signs[:, ::-1], signs[:, ::-1, ::-1]]
    differences = [np.abs(flip[:, None] - signs[None]).mean(axis=(2, 3)).min(axis=1) for flip in flipped]
    return [bool((difference <= tolerance).all()) for difference in differences]
