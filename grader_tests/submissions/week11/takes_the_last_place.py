"""Takes the state at the last place, padding or not."""

# %% last_states_solution
def last_states(states, ids):
    return states[:, -1]
