"""Takes every folder for a class and every file for a picture."""

# %% labels_from_folders_solution
def labels_from_folders(folder):
    class_names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    names, labels = [], []
    for label, class_name in enumerate(class_names):
        found = sorted(path.relative_to(folder).as_posix() for path in (folder / class_name).rglob("*") if path.is_file())
        names += found
        labels += [label] * len(found)
    return names, labels, class_names
