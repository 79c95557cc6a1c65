#!/bin/sh
# Builds the test module into the test resources with clang and wasm-ld (Debian: apt install clang lld).
set -eu
cd "$(dirname "$0")"
clang --target=wasm32 -std=c11 -O2 -nostdlib -ffreestanding -Wall -Wextra -Werror -Wno-infinite-recursion \
    -Wl,--no-entry -Wl,--strip-debug -o ../resources/runaways.wasm runaways.c
ls -l ../resources/runaways.wasm
