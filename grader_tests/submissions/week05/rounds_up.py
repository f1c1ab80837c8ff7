"""Keeps what pooling leaves over, in counting as in pooling."""

# %% count_parameters_solution
def count_parameters(picture_shape, stack):
    height, width, channels = picture_shape
    total = 0
    for kind, *settings in stack:
        if kind == "conv":
            filters, size, padding = settings
            total += (size * size * channels + 1) * filters
            if padding == "valid":
                height, width = height - size + 1, width - size + 1
            channels = filters
        elif kind == "pool":
            height, width = -(-height // settings[0]), -(-width // settings[0])
        elif kind == "flatten":
            height, width, channels = 1, 1, height * width * channels
        elif kind == "dense":
            total += (channels + 1) * settings[0]
            channels = settings[0]
    return total

# %% max_pool_solution
def max_pool(maps, size):
    rows, columns = -(-maps.shape[0] // size), -(-maps.shape[1] // size)
    pooled = np.zeros((rows, columns, maps.shape[2]))
    for i in range(rows):
        for j in range(columns):
            pooled[i, j] = maps[i * size : (i + 1) * size, j * size : (j + 1) * size].max(axis=(0, 1))
    return pooled
