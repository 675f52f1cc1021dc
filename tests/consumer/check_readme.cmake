# The first C++ block of README.md is, character by character, what examples/readme.cpp has between its markers, so that
# the program that readers copy is one that is compiled and run. cmake -DROOT=<repository> -P check_readme.cmake
cmake_minimum_required(VERSION 3.25)

# The text of `path` between the first line `begin` and the next line `end`.
function(region path begin end result)
  file(READ "${path}" text)
  string(FIND "${text}" "\n${begin}\n" from)
  if(from EQUAL -1)
    message(FATAL_ERROR "${path}: no line \"${begin}\"")
  endif()
  string(LENGTH "\n${begin}\n" skip)
  math(EXPR from "${from} + ${skip}")
  string(SUBSTRING "${text}" ${from} -1 text)
  string(FIND "${text}" "\n${end}\n" length)
  if(length EQUAL -1)
    message(FATAL_ERROR "${path}: no line \"${end}\" after \"${begin}\"")
  endif()
  string(SUBSTRING "${text}" 0 ${length} text)
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

region("${ROOT}/README.md" "```cpp" "```" shown)
region("${ROOT}/examples/readme.cpp" "// README begin" "// README end" compiled)
if(NOT shown STREQUAL compiled)
  message(FATAL_ERROR "README.md and examples/readme.cpp differ. README.md shows\n${shown}\nand what is compiled is\n"
                      "${compiled}")
endif()
