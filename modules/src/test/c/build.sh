#!/bin/sh
# Builds the test modules into the test resources with clang and wasm-ld (Debian: apt install clang lld).
set -eu
cd "$(dirname "$0")"
clang --target=wasm32 -std=c11 -O2 -nostdlib -ffreestanding -Wall -Wextra -Werror -Wno-infinite-recursion \
    -Wl,--no-entry -o ../resources/mischief.wasm mischief.c
ls -l ../resources/mischief.wasm
