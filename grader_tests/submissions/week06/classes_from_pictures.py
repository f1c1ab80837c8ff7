"""Reads the class in the picture's own path: a class without pictures gets no number, a folder within a class is one."""

# %% labels_from_folders_solution
def labels_from_folders(folder):
    kinds = {".jpg", ".jpeg", ".png"}
    paths = [path for path in folder.glob("*/**/*") if path.suffix.lower() in kinds and not path.name.startswith(".")]
    paths = sorted(path for path in paths if not path.relative_to(folder).as_posix().startswith("."))
    class_names = sorted({path.parent.name for path in paths})
    names = [path.relative_to(folder).as_posix() for path in paths]
    return names, [class_names.index(path.parent.name) for path in paths], class_names
