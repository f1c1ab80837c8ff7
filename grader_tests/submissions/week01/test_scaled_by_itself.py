"""Standardises the test table with its own mean and standard deviation."""

# %% prepare_solution
def prepare(x_train, x_test):
    def standardise(x):
        sd = x.std(axis=0)
        return (x - x.mean(axis=0)) / np.where(sd == 0, 1, sd)

    median = np.nanmedian(x_train, axis=0)
    x_train = np.where(np.isnan(x_train), median, x_train)
    x_test = np.where(np.isnan(x_test), median, x_test)
    return standardise(x_train), standardise(x_test)
