# Compiles and runs the programs of project/ with the flags that pkg-config gives for the installed library.
# cmake -DSCRATCH=<folder, emptied first> -DBUILD=<build folder to install from> -DCOMPILER=<c++> -P run_pkg_config.cmake
cmake_minimum_required(VERSION 3.25)

foreach(variable IN ITEMS SCRATCH BUILD COMPILER)
  if(NOT ${variable})
    message(FATAL_ERROR "${variable} is not set")
  endif()
endforeach()
find_program(PKG_CONFIG pkg-config REQUIRED)

file(REMOVE_RECURSE ${SCRATCH})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/first COMMAND_ERROR_IS_FATAL ANY)
# Packages are built in one place and used in another.
file(RENAME ${SCRATCH}/first ${SCRATCH}/prefix)
set(packages cayley cayley-io)
set(programs character_table group_file)
set(ENV{PKG_CONFIG_PATH} ${SCRATCH}/prefix/share/pkgconfig)

foreach(package program IN ZIP_LISTS packages programs)
  execute_process(COMMAND ${PKG_CONFIG} --cflags --libs "${package} >= 0.1" OUTPUT_VARIABLE flags
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  if(NOT flags MATCHES "-I${SCRATCH}/prefix/")
    message(FATAL_ERROR "pkg-config ${package}: expected an include folder in ${SCRATCH}/prefix, found \"${flags}\"")
  endif()
  separate_arguments(flags UNIX_COMMAND "${flags}")
  execute_process(COMMAND ${COMPILER} -std=c++20 ${CMAKE_CURRENT_LIST_DIR}/project/${program}.cpp -o ${SCRATCH}/${program}
                          ${flags} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${SCRATCH}/${program} WORKING_DIRECTORY ${SCRATCH} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
