# Checks the layout of the library. cmake -DROOT=<repository> -P check_structure.cmake
#   1. every header include/cayley/<room>/<x>.hpp has a test tests/<room>/<x>.test.cpp
#   2. a header includes only headers of its own room and of rooms that stand before it in `rooms`
#   3. every header has #pragma once
#   4. every header of a room is included by cayley.hpp, io.hpp, mpi.hpp or thrust.hpp
#   5. every test tests/<room>/<x>.test.cpp has a suite x_test: tests of a room are compiled together, and a suite is a
#      namespace
# The umbrella headers include/cayley/*.hpp may include everything; only rule 3 holds for them.
cmake_minimum_required(VERSION 3.25)

set(rooms core io group representation fourier task backend nn train interpret plot study)

if(NOT IS_DIRECTORY "${ROOT}/include/cayley")
  message(FATAL_ERROR "structure: no folder ${ROOT}/include/cayley")
endif()

set(problems "")
file(GLOB_RECURSE headers RELATIVE "${ROOT}/include/cayley" "${ROOT}/include/cayley/*.hpp")
if(NOT headers)
  list(APPEND problems "no headers in ${ROOT}/include/cayley")
endif()

set(umbrella "")
foreach(name IN ITEMS cayley.hpp io.hpp mpi.hpp thrust.hpp)
  if(EXISTS "${ROOT}/include/cayley/${name}")
    file(READ "${ROOT}/include/cayley/${name}" text)
    string(APPEND umbrella "${text}")
  endif()
endforeach()

foreach(header IN LISTS headers)
  file(STRINGS "${ROOT}/include/cayley/${header}" pragma REGEX "^[ \t]*#[ \t]*pragma[ \t]+once[ \t]*$")
  if(NOT pragma)
    list(APPEND problems "${header}: no #pragma once")
  endif()
  if(NOT header MATCHES "/")
    continue()
  endif()

  string(REGEX MATCH "^[^/]+" room "${header}")
  list(FIND rooms "${room}" place)
  if(place EQUAL -1)
    list(APPEND problems "${header}: ${room} is no room of the library")
    continue()
  endif()

  string(FIND "${umbrella}" "<cayley/${header}>" included_at)
  if(included_at EQUAL -1)
    list(APPEND problems "${header}: included by none of cayley.hpp, io.hpp, mpi.hpp and thrust.hpp")
  endif()

  string(REGEX REPLACE "\\.hpp$" ".test.cpp" test "tests/${header}")
  if(NOT EXISTS "${ROOT}/${test}")
    list(APPEND problems "${header}: no test ${test}")
  endif()

  file(STRINGS "${ROOT}/include/cayley/${header}" includes REGEX "^[ \t]*#[ \t]*include[ \t]*[<\"]")
  foreach(line IN LISTS includes)
    string(REGEX REPLACE "^[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"]*)[>\"].*$" "\\1" included "${line}")
    if(line MATCHES "include[ \t]*\"" AND NOT included MATCHES "^cayley/")
      list(APPEND problems "${header}: includes \"${included}\"; write <cayley/room/header.hpp>")
    elseif(included MATCHES "^cayley/([^/]+)/")
      list(FIND rooms "${CMAKE_MATCH_1}" included_place)
      if(included_place EQUAL -1)
        list(APPEND problems "${header}: includes ${included}, of no room of the library")
      elseif(included_place GREATER place)
        list(APPEND problems "${header}: includes ${included}, of a later room")
      endif()
    elseif(included MATCHES "^cayley/")
      list(APPEND problems "${header}: includes the umbrella header ${included}")
    endif()
  endforeach()
endforeach()

file(GLOB_RECURSE tests RELATIVE "${ROOT}/tests" "${ROOT}/tests/*.test.cpp")
foreach(test IN LISTS tests)
  get_filename_component(suite "${test}" NAME_WE)
  file(STRINGS "${ROOT}/tests/${test}" opened REGEX "^BOOST_AUTO_TEST_SUITE\\(${suite}_test\\)$")
  if(NOT opened)
    list(APPEND problems "tests/${test}: no suite ${suite}_test")
  endif()
endforeach()

if(problems)
  list(JOIN problems "\n  " text)
  message(FATAL_ERROR "structure:\n  ${text}")
endif()
