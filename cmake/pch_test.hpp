// As pch.hpp, and the test framework.
#pragma once
#include "cmake/pch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
