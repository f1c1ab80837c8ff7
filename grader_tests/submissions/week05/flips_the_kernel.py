"""Flips the kernel, as the definition in a book on signal processing does."""

# %% convolve_solution
def convolve(image, kernels):
    kernels = kernels[::-1, ::-1]
    height, width, _, filters = kernels.shape
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    maps = np.zeros((rows, columns, filters))
    for i in range(rows):
        for j in range(columns):
            patch = image[i : i + height, j : j + width]
            maps[i, j] = (patch[..., None] * kernels).sum(axis=(0, 1, 2))
    return maps
