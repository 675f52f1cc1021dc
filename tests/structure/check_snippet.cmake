# The first C++ block of the page SHOWN is, character by character, what the file COMPILED has between its lines
# "// SHOWN begin" and "// SHOWN end", so that what readers copy is compiled and run.
# cmake -DROOT=<repository> -DSHOWN=README.md -DCOMPILED=examples/readme.cpp -P check_snippet.cmake
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

region("${ROOT}/${SHOWN}" "```cpp" "```" shown)
region("${ROOT}/${COMPILED}" "// ${SHOWN} begin" "// ${SHOWN} end" compiled)
if(NOT shown STREQUAL compiled)
  message(FATAL_ERROR "${SHOWN} and ${COMPILED} differ. ${SHOWN} shows\n${shown}\nand what is compiled is\n${compiled}")
endif()
