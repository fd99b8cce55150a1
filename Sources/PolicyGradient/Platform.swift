// The system's C library for every file of this target. Only this file depends on the system.
#if canImport(Glibc)
  @_exported import Glibc
#else
  @_exported import Darwin
#endif
