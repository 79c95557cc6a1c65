#!/bin/sh
# Builds contract.wasm with clang and wasm-ld (Debian: apt install clang lld).
set -eu
cd "$(dirname "$0")"
clang --target=wasm32 -std=c11 -O2 -nostdlib -ffreestanding -Wall -Wextra -Werror -Wl,--no-entry -Wl,--strip-debug \
    -o contract.wasm contract.c
ls -l contract.wasm
