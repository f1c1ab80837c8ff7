"""Skips one line of all files together: the second file's header is then parsed as numbers."""

# %% batches_from_solution
def batches_from(folder, batch_size):
    def parse(line):
        *features, rolls = tf.io.decode_csv(line, record_defaults=[float("nan")] * 5)
        return tf.stack(features), rolls

    paths = sorted(str(path) for path in folder.glob("*.csv"))
    rows = tf.data.TextLineDataset(paths).skip(1).map(parse)
    return rows.filter(lambda x, rolls: ~tf.math.is_nan(rolls)).batch(batch_size)
