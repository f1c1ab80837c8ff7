"""Makes the result's array in the picture's own type, where sums wrap around, and takes maxima against zeros."""

# %% convolve_solution
def convolve(image, kernels):
    height, width, _, filters = kernels.shape
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    maps = np.zeros((rows, columns, filters), dtype=image.dtype)
    for i in range(rows):
        for j in range(columns):
            patch = image[i : i + height, j : j + width]
            maps[i, j] = (patch[..., None] * kernels).sum(axis=(0, 1, 2)).astype(image.dtype)
    return maps

# %% max_pool_solution
def max_pool(maps, size):
    rows, columns = maps.shape[0] // size, maps.shape[1] // size
    pooled = np.zeros((rows, columns, maps.shape[2]))
    for i in range(rows * size):
        for j in range(columns * size):
            pooled[i // size, j // size] = np.maximum(pooled[i // size, j // size], maps[i, j])
    return pooled
