"""Drops the last batch where it is smaller, and fills empty cells with 0."""

# %% batches_from_solution
def batches_from(folder, batch_size):
    def parse(line):
        *features, rolls = tf.io.decode_csv(line, record_defaults=[0.0] * 4 + [float("nan")])
        return tf.stack(features), rolls

    paths = sorted(str(path) for path in folder.glob("*.csv"))
    lines = tf.data.Dataset.from_tensor_slices(paths).flat_map(lambda path: tf.data.TextLineDataset(path).skip(1))
    rows = lines.map(parse).filter(lambda x, rolls: ~tf.math.is_nan(rolls))
    return rows.batch(batch_size, drop_remainder=True)
