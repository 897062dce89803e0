"""`python -m ldnsim` is the command line tool."""

from .cli import main

main()
