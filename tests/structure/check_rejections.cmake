# Feeds check_structure.cmake one sound tree and trees with one mistake each.
# cmake -DSCRATCH=<folder to build trees in> -P check_rejections.cmake
cmake_minimum_required(VERSION 3.25)

if(NOT SCRATCH)
  message(FATAL_ERROR "SCRATCH names no folder")
endif()

# A sound tree: two rooms, a test for each header, an umbrella header over both.
function(write_sound_tree root)
  file(REMOVE_RECURSE "${root}")
  file(WRITE "${root}/include/cayley/core/error.hpp" "#pragma once\n#include <string>\n")
  file(WRITE "${root}/include/cayley/group/cyclic.hpp"
       "#pragma once\n#include <cayley/core/error.hpp>\n#include <cayley/group/extent.hpp>\n")
  file(WRITE "${root}/include/cayley/group/extent.hpp" "#pragma once\n#include <Eigen/Core>\n")
  file(WRITE "${root}/include/cayley/cayley.hpp" "#pragma once\n#include <cayley/core/error.hpp>\n"
       "#include <cayley/group/cyclic.hpp>\n#include <cayley/group/extent.hpp>\n")
  foreach(test IN ITEMS core/error group/cyclic group/extent)
    get_filename_component(name ${test} NAME)
    file(WRITE "${root}/tests/${test}.test.cpp" "BOOST_AUTO_TEST_SUITE(${name}_test)\n")
  endforeach()
endfunction()

# Runs the check on a tree and requires that it is refused with the message.
function(expect_rejected root message)
  execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${root}" -P "${CMAKE_CURRENT_LIST_DIR}/check_structure.cmake"
                  RESULT_VARIABLE result ERROR_VARIABLE output OUTPUT_QUIET)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  string(FIND "${output}" "${message}" found)
  if(result EQUAL 0)
    message(SEND_ERROR "accepted a tree in which ${message}")
  elseif(found EQUAL -1)
    message(SEND_ERROR "refused a tree without saying \"${message}\", but: ${output}")
  endif()
endfunction()

set(root "${SCRATCH}/tree")

write_sound_tree("${root}")
execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${root}" -P "${CMAKE_CURRENT_LIST_DIR}/check_structure.cmake"
                RESULT_VARIABLE result ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message(SEND_ERROR "refused a sound tree: ${output}")
endif()

write_sound_tree("${root}")
file(REMOVE "${root}/tests/group/extent.test.cpp")
expect_rejected("${root}" "group/extent.hpp: no test tests/group/extent.test.cpp")

write_sound_tree("${root}")
file(APPEND "${root}/include/cayley/core/error.hpp" "#include <cayley/group/cyclic.hpp>\n")
expect_rejected("${root}" "core/error.hpp: includes cayley/group/cyclic.hpp, of a later room")

write_sound_tree("${root}")
file(APPEND "${root}/include/cayley/core/error.hpp" "#  include \"cayley/group/cyclic.hpp\"  // quoted\n")
expect_rejected("${root}" "core/error.hpp: includes cayley/group/cyclic.hpp, of a later room")

write_sound_tree("${root}")
file(APPEND "${root}/include/cayley/group/cyclic.hpp" "#include \"extent.hpp\"\n")
expect_rejected("${root}" "group/cyclic.hpp: includes \"extent.hpp\"")

write_sound_tree("${root}")
file(APPEND "${root}/include/cayley/group/cyclic.hpp" "#include <cayley/cayley.hpp>\n")
expect_rejected("${root}" "group/cyclic.hpp: includes the umbrella header cayley/cayley.hpp")

write_sound_tree("${root}")
file(WRITE "${root}/include/cayley/group/extent.hpp" "// #pragma once\n")
expect_rejected("${root}" "group/extent.hpp: no #pragma once")

write_sound_tree("${root}")
file(WRITE "${root}/include/cayley/cayley.hpp" "#include <cayley/group/cyclic.hpp>\n")
expect_rejected("${root}" "cayley.hpp: no #pragma once")

write_sound_tree("${root}")
file(WRITE "${root}/include/cayley/attic/old.hpp" "#pragma once\n")
file(WRITE "${root}/tests/attic/old.test.cpp" "")
expect_rejected("${root}" "attic/old.hpp: attic is no room of the library")

file(REMOVE_RECURSE "${root}")
file(MAKE_DIRECTORY "${root}")
expect_rejected("${root}" "no folder")

write_sound_tree("${root}")
file(WRITE "${root}/include/cayley/group/product.hpp" "#pragma once\n")
file(WRITE "${root}/tests/group/product.test.cpp" "")
expect_rejected("${root}" "group/product.hpp: included by none of cayley.hpp, io.hpp, mpi.hpp and thrust.hpp")

write_sound_tree("${root}")
file(WRITE "${root}/tests/group/extent.test.cpp" "BOOST_AUTO_TEST_SUITE(cyclic_test)\n")
expect_rejected("${root}" "tests/group/extent.test.cpp: no suite extent_test")
