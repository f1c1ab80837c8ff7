"""Forgets two + 1: the bias of each filter and unit, and the last place where a kernel fits."""

# %% count_parameters_solution
def count_parameters(picture_shape, stack):
    height, width, channels = picture_shape
    total = 0
    for kind, *settings in stack:
        if kind == "conv":
            filters, size, padding = settings
            total += size * size * channels * filters
            if padding == "valid":
                height, width = height - size + 1, width - size + 1
            channels = filters
        elif kind == "pool":
            height, width = height // settings[0], width // settings[0]
        elif kind == "flatten":
            height, width, channels = 1, 1, height * width * channels
        elif kind == "dense":
            total += channels * settings[0]
            channels = settings[0]
    return total

# %% convolve_solution
def convolve(image, kernels):
    height, width, _, filters = kernels.shape
    rows, columns = image.shape[0] - height, image.shape[1] - width
    maps = np.zeros((rows, columns, filters))
    for i in range(rows):
        for j in range(columns):
            patch = image[i : i + height, j : j + width]
            maps[i, j] = (patch[..., None] * kernels).sum(axis=(0, 1, 2))
    return maps
