// Empty: older_glibc.c replaces functions of the C library and adds none. SwiftPM asks every C target for a header.
