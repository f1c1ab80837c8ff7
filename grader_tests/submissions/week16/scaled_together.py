"""Measures mean and spread over both parts together: the past then knows something of the future."""


# %% scale_with_solution
def scale_with(train, other):
    columns = train.shape[-1]
    everything = np.concatenate([train.reshape(-1, columns), other.reshape(-1, columns)])
    mean, spread = np.nanmean(everything, axis=0), np.nanstd(everything, axis=0)
    spread = np.where(spread == 0, 1, spread)
    return (train - mean) / spread, (other - mean) / spread
