"""The command ``pgrad`` as ``python -m pgrad``."""

from _pgrad_command import main

if __name__ == "__main__":
    main()
