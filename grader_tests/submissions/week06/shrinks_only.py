"""Never enlarges, lets a thin side vanish, and makes bytes of everything."""

# %% letterbox_solution
def letterbox(picture, size):
    height, width, channels = picture.shape
    longer = max(height, width, size)
    new_height, new_width = height * size // longer, width * size // longer
    rows = (2 * np.arange(new_height) + 1) * height // (2 * max(new_height, 1))
    columns = (2 * np.arange(new_width) + 1) * width // (2 * max(new_width, 1))
    result = np.zeros((size, size, channels), "uint8")
    top, left = (size - new_height) // 2, (size - new_width) // 2
    result[top : top + new_height, left : left + new_width] = picture[rows][:, columns]
    return result
