"""Counts the cosine's progress from step 0, so that the rate jumps down where the warm-up ends."""


# %% warmup_cosine_solution
def warmup_cosine(step, peak, warmup_steps, total_steps):
    step = np.asarray(step)
    up = peak * step / max(1, warmup_steps)
    down = peak * (1 + np.cos(np.pi * np.clip(step / total_steps, 0, 1))) / 2
    return np.where(step < warmup_steps, up, down)
