"""The same work done by other libraries, each imported only where it is measured."""
