"""The same work done by other libraries, each imported only when it is measured."""
