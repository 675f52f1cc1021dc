"""The Conan 2 recipe of Cayley.

The package holds what `cmake --install` puts in place, with Cayley's own CMake package, which looks for its dependencies
itself: whether Conan or the platform provides them is for the profile to say (`[platform_requires]`)."""

import os
import re

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load

required_conan_version = ">=2.0"


class CayleyConan(ConanFile):
    name = "cayley"
    description = "How neural networks learn finite groups"
    license = "BSL-1.0"
    topics = ("interpretability", "group-theory", "representation-theory", "neural-networks", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {
        "thrust": [True, False],  # what the backends Thrust<Cpp>, Thrust<Omp> and Thrust<Tbb> need
        "mpi": [True, False],  # what the backend MpiCpu needs
    }
    default_options = {"thrust": False, "mpi": False}
    generators = "CMakeDeps"
    no_copy_source = True

    def set_version(self):
        project = load(self, os.path.join(self.recipe_folder, "..", "CMakeLists.txt"))
        self.version = re.search(r"project\(cayley VERSION ([\d.]+)", project).group(1)

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "..")
        for pattern in ("CMakeLists.txt", "LICENSE", "include/*", "cmake/*"):
            copy(self, pattern, root, self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("eigen/3.4.0", transitive_headers=True)
        self.requires("nlohmann_json/3.11.2", transitive_headers=True)
        if self.options.thrust:
            self.requires("thrust/1.17.2", transitive_headers=True)
            self.requires("onetbb/2021.8.0", transitive_headers=True, transitive_libs=True)
        if self.options.mpi:
            self.requires("openmpi/[>=4.1 <5]", transitive_headers=True, transitive_libs=True)

    def package_id(self):
        self.info.clear()

    def generate(self):
        toolchain = CMakeToolchain(self)
        for name in ("TESTS", "EXAMPLES", "BENCHMARKS"):
            toolchain.cache_variables[f"CAYLEY_BUILD_{name}"] = False
        toolchain.generate()

    def build(self):
        CMake(self).configure()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_info(self):
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        # find_package(cayley) finds Cayley's own package, with its components.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [os.path.join("share", "cmake", "cayley")]
        self.cpp_info.set_property("pkg_config_name", "cayley")
