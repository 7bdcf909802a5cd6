"""`python -m dayan` is the command line."""

from dayan.cli import main

if __name__ == "__main__":
    main()
