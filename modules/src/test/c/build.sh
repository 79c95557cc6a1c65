#!/bin/sh
# Builds the test modules into the test resources with clang and wasm-ld (Debian: apt install clang lld).
set -eu
cd "$(dirname "$0")"
for module in mischief runaways wild; do
    clang --target=wasm32 -std=c11 -O2 -nostdlib -ffreestanding -mbulk-memory -Wall -Wextra -Werror \
        -Wno-infinite-recursion -Wl,--no-entry -o ../resources/$module.wasm $module.c
    ls -l ../resources/$module.wasm
done
