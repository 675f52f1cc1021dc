"""Builds and runs tests/consumer/project, the project outside the library, with the package that Conan made."""

import os

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout


class CayleyTest(ConanFile):
    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeDeps"

    def requirements(self):
        self.requires(self.tested_reference_str)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        cayley = self.dependencies["cayley"]
        toolchain.cache_variables["CAYLEY_PREFIX"] = cayley.package_folder
        components = [name for name in ("thrust", "mpi") if getattr(cayley.options, name)]
        toolchain.cache_variables["CAYLEY_COMPONENTS"] = ",".join(components)
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure(build_script_folder=os.path.join(self.recipe_folder, "..", "..", "tests", "consumer", "project"))
        cmake.build()

    def test(self):
        if can_run(self):
            CMake(self).ctest(cli_args=["--output-on-failure", "--no-tests=error"])
