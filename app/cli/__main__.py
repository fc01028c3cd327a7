"""`python -m app.cli` is `cluegraph`."""

from app.cli.entry import main

if __name__ == "__main__":
    main()
