"""Never looks at `centred`: every average is written where its window ends."""


# %% moving_average_solution
def moving_average(series, width, centred):
    averages = np.full(len(series), np.nan)
    for t in range(width - 1, len(series)):
        averages[t] = series[t - width + 1 : t + 1].mean()
    return averages
