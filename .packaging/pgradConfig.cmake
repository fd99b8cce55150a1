# find_package(pgrad) defines two libraries to link with:
#   pgrad::pgrad   the shared library
#   pgrad::static  the static library, which becomes part of the program
get_filename_component(pgrad_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET pgrad::pgrad)
  add_library(pgrad::pgrad SHARED IMPORTED)
  set_target_properties(pgrad::pgrad PROPERTIES
    IMPORTED_LOCATION "${pgrad_prefix}/lib/libpgrad.so.0"
    IMPORTED_SONAME libpgrad.so.0
    INTERFACE_INCLUDE_DIRECTORIES "${pgrad_prefix}/include")

  add_library(pgrad::static STATIC IMPORTED)
  set_target_properties(pgrad::static PROPERTIES
    IMPORTED_LOCATION "${pgrad_prefix}/lib/libpgrad.a"
    INTERFACE_INCLUDE_DIRECTORIES "${pgrad_prefix}/include"
    INTERFACE_LINK_LIBRARIES "stdc++;m;dl;pthread"
    INTERFACE_LINK_OPTIONS -Wl,--gc-sections)
endif()
