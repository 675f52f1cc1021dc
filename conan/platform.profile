# For `conan create conan --profile:all conan/platform.profile`: dependencies are those of Debian 12.
include(default)

[settings]
compiler.cppstd=20

[platform_requires]
eigen/3.4.0
nlohmann_json/3.11.2
thrust/1.17.2
onetbb/2021.8.0
openmpi/4.1.4
