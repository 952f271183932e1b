#pragma once

#include <stddef.h>
#include <stdint.h>

// Of libFuzzer, which the linker adds: https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *data, size_t size));
