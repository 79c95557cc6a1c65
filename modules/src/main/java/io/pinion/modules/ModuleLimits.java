package io.pinion.modules;

/**
 * Bounds that hold while a module is loaded and for each of its instances.
 *
 * @param programBytesMax size of a program
 * @param wasmFunctionCountMax functions of a WebAssembly program
 * @param wasmFunctionBytesMax code size of one WebAssembly function
 * @param wasmMemoryPagesMax 64 KiB pages of one instance's memory
 * @param wasmMemory what the memory of every instance is taken from
 */
public record ModuleLimits(
        int programBytesMax,
        int wasmFunctionCountMax,
        int wasmFunctionBytesMax,
        int wasmMemoryPagesMax,
        WasmMemoryBudget wasmMemory) {
    public static final ModuleLimits DEFAULT =
            new ModuleLimits(64 << 20, 50_000, 1 << 20, 1024, WasmMemoryBudget.shared());

    private static final int PAGE_BYTES = 1 << 16;

    /** @param bytes at least a page, of 64 KiB; what is less than a whole page does not count */
    public ModuleLimits withWasmMemoryBytesMax(int bytes) {
        if (bytes < PAGE_BYTES) {
            throw new IllegalArgumentException("a memory must be allowed a page at least, bytes=" + bytes);
        }
        return new ModuleLimits(
                programBytesMax, wasmFunctionCountMax, wasmFunctionBytesMax, bytes / PAGE_BYTES, wasmMemory);
    }
}
