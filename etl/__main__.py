"""`python -m etl`: the command line, where `oncomart` is not on the path."""

from etl.cli import main

if __name__ == "__main__":
    main()
