"""The tree of folders: places, paths, copies."""
