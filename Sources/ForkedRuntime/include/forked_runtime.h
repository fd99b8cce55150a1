// Empty: forked_runtime.c works by itself. SwiftPM asks every C target for a header.
