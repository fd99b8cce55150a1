// The system's C library, for every file of this target: no other asks which system it is built for.
#if canImport(Glibc)
  @_exported import Glibc
#else
  @_exported import Darwin
#endif
