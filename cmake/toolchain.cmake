# What every target is compiled with. Refuses compilers that are known to miscompile coroutines.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR
    "GCC ${CMAKE_CXX_COMPILER_VERSION} destroys temporaries twice in co_await expressions (docs/adr/0001). "
    "Use Clang 19 (apt-get install clang-19, then cmake --preset release) or GCC 13 or newer.")
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

add_library(evenkeel_options INTERFACE)
target_compile_options(evenkeel_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror -fno-plt
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Wno-missing-designated-field-initializers
    -Wno-missing-field-initializers>)
target_compile_definitions(evenkeel_options INTERFACE EVENKEEL_VERSION="${PROJECT_VERSION}"
  $<$<CONFIG:Release>:_FORTIFY_SOURCE=2> $<$<CONFIG:Release>:_GLIBCXX_ASSERTIONS>)
target_include_directories(evenkeel_options INTERFACE
  ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
target_link_libraries(evenkeel_options INTERFACE Threads::Threads)

string(APPEND CMAKE_CXX_FLAGS_DEBUG " -O1 -gline-tables-only -fno-omit-frame-pointer")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG -fstack-protector-strong -ffunction-sections -fdata-sections")
if(EVENKEEL_SANITIZE)
  target_compile_options(evenkeel_options INTERFACE -fsanitize=${EVENKEEL_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(evenkeel_options INTERFACE -fsanitize=${EVENKEEL_SANITIZE})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_link_options(evenkeel_options INTERFACE -fuse-ld=lld)
endif()
target_link_options(evenkeel_options INTERFACE
  $<$<CONFIG:Release>:-Wl,--gc-sections> $<$<CONFIG:Release>:-Wl,-z,relro,-z,now>)

if(EVENKEEL_LINT)
  set(CMAKE_CXX_CLANG_TIDY clang-tidy-19;--quiet)
endif()

find_program(EVENKEEL_CCACHE ccache)
if(EVENKEEL_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros ${EVENKEEL_CCACHE})
  # Without this Clang stamps a precompiled header with the clock, and no cached object is ever found again.
  add_compile_options("$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
endif()
