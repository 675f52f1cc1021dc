# Configures, builds and tests the outside project in project/.
# cmake -DSCRATCH=<folder, emptied first> -DCOMPILER=<c++> -DGENERATOR=<generator> -DMAKE_PROGRAM=<program>
#       (-DBUILD=<build folder to install from> [-DCOMPONENTS=<those that it must have>] |
#        -DSOURCE=<source folder to add>) -P run_consumer.cmake
cmake_minimum_required(VERSION 3.25)

foreach(variable IN ITEMS SCRATCH COMPILER GENERATOR MAKE_PROGRAM)
  if(NOT ${variable})
    message(FATAL_ERROR "${variable} is not set")
  endif()
endforeach()

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "failed (${result}): ${command}")
  endif()
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
if(SOURCE)
  set(from -DCAYLEY_SOURCE=${SOURCE})
else()
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/prefix)
  # No other copy of the package that this machine may have.
  set(from -DCAYLEY_PREFIX=${SCRATCH}/prefix -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF
           -DCAYLEY_COMPONENTS=${COMPONENTS})
endif()
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/project -B ${SCRATCH}/build -G ${GENERATOR}
    -DCMAKE_MAKE_PROGRAM=${MAKE_PROGRAM} -DCMAKE_CXX_COMPILER=${COMPILER} ${from})
run(${CMAKE_COMMAND} --build ${SCRATCH}/build)
run(${CMAKE_CTEST_COMMAND} --test-dir ${SCRATCH}/build --output-on-failure --no-tests=error)
