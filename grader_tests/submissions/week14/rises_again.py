"""Does not stop at the end: after total_steps the cosine climbs back up."""


# %% warmup_cosine_solution
def warmup_cosine(step, peak, warmup_steps, total_steps):
    step = np.asarray(step)
    up = peak * step / max(1, warmup_steps)
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return np.where(step < warmup_steps, up, peak * (1 + np.cos(np.pi * progress)) / 2)
