"""``python -m overshort``: the command line where its script is not on the path."""

from overshort.surfaces.cli import main

if __name__ == "__main__":
    main()
