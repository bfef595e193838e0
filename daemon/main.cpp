#include "daemon/program.hpp"

int main(int count, char** words) { return evenkeel::run_program({words + 1, words + count}); }
