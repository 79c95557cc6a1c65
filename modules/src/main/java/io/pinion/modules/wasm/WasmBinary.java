package io.pinion.modules.wasm;

import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.ModuleLimits;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * A look at a WebAssembly binary before anything costly is done with it: its frame of sections and the sizes of its
 * functions, held against the limits. What is inside the sections is the parser's business.
 */
final class WasmBinary {
    /** The JIT gives up on methods that this much code becomes. */
    private static final int JIT_FUNCTION_BYTES_MAX = 16 * 1024;

    private static final int HEADER_BYTES = 8;
    private static final int MEMORY_SECTION = 5;
    private static final int CODE_SECTION = 10;

    /** Flags of a memory: that it has a largest size is the only one that is taken. */
    private static final int SHARED = 2;

    private static final int OF_64_BITS = 4;
    private static final int OF_OTHER_PAGES = 8;

    private final byte[] bytes;
    private final List<Integer> functionBytes = new ArrayList<>();
    private int position = HEADER_BYTES;

    private WasmBinary(byte[] bytes) {
        this.bytes = bytes;
    }

    static boolean hasMagic(Bytes program) {
        return program.length() >= 4
                && program.at(0) == 0
                && program.at(1) == 'a'
                && program.at(2) == 's'
                && program.at(3) == 'm';
    }

    /** @throws InvalidModuleException naming the limit that is exceeded, or where the binary breaks off */
    static WasmBinary check(Bytes program, ModuleLimits limits) throws InvalidModuleException {
        if (!hasMagic(program)) {
            throw new InvalidModuleException("the program is not WebAssembly: it does not start with 00 61 73 6d");
        }
        if (program.length() > limits.programBytesMax()) {
            throw new InvalidModuleException("the program has " + program.length() + " bytes, more than the "
                    + limits.programBytesMax() + " allowed");
        }
        WasmBinary binary = new WasmBinary(program.unsafeArray());
        binary.checkVersion();
        binary.readSections(limits);
        return binary;
    }

    private void checkVersion() throws InvalidModuleException {
        if (bytes.length < HEADER_BYTES) {
            throw truncated();
        }
        if (bytes[4] != 1 || bytes[5] != 0 || bytes[6] != 0 || bytes[7] != 0) {
            throw new InvalidModuleException("the program is not a WebAssembly module of version 1");
        }
    }

    private void readSections(ModuleLimits limits) throws InvalidModuleException {
        while (position < bytes.length) {
            int id = bytes[position++] & 0xff;
            int length = readLength();
            int end = position + length;
            if (id == CODE_SECTION) {
                readFunctions(end, limits);
            } else if (id == MEMORY_SECTION) {
                checkMemories();
            }
            position = end;
        }
    }

    /** By name; the engine would only know the bytes, or take what cannot work here. */
    private void checkMemories() throws InvalidModuleException {
        long count = readU32();
        if (count > 1) {
            throw new InvalidModuleException(Proposals.missing(Proposals.MEMORIES) + " (it has " + count + " of them)");
        }
        long flags = count == 0 ? 0 : readU32();
        if ((flags & SHARED) != 0) {
            throw new InvalidModuleException(Proposals.missing(Proposals.THREADS) + " (its memory is shared)");
        }
        if ((flags & OF_64_BITS) != 0) {
            throw new InvalidModuleException(Proposals.missing(Proposals.MEMORY_64));
        }
        if ((flags & OF_OTHER_PAGES) != 0) {
            throw new InvalidModuleException(Proposals.missing(Proposals.PAGE_SIZES));
        }
    }

    private void readFunctions(int end, ModuleLimits limits) throws InvalidModuleException {
        long count = readU32();
        if (count > limits.wasmFunctionCountMax()) {
            throw new InvalidModuleException("the program has " + count + " functions, more than the "
                    + limits.wasmFunctionCountMax() + " allowed");
        }
        for (int i = 0; i < count; i++) {
            int length = readLength();
            if (length > limits.wasmFunctionBytesMax()) {
                throw new InvalidModuleException("function body " + i + " has " + length
                        + " bytes of code, more than the " + limits.wasmFunctionBytesMax() + " allowed");
            }
            functionBytes.add(length);
            position += length;
            if (position > end) {
                throw truncated();
            }
        }
    }

    /** Positions among the module's own functions whose code is too large to run fast. */
    List<Integer> hugeFunctions() {
        List<Integer> huge = new ArrayList<>();
        for (int i = 0; i < functionBytes.size(); i++) {
            if (functionBytes.get(i) > JIT_FUNCTION_BYTES_MAX) {
                huge.add(i);
            }
        }
        return huge;
    }

    int functionBytes(int position) {
        return functionBytes.get(position);
    }

    private int readLength() throws InvalidModuleException {
        long length = readU32();
        if (length > bytes.length - position) {
            throw truncated();
        }
        return (int) length;
    }

    private long readU32() throws InvalidModuleException {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (position >= bytes.length) {
                throw truncated();
            }
            int next = bytes[position++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new InvalidModuleException(
                "the WebAssembly program is malformed: a number before byte " + position + " is longer than 32 bits");
    }

    private InvalidModuleException truncated() {
        return new InvalidModuleException(
                "the WebAssembly program is truncated: it goes on beyond its " + bytes.length + " bytes");
    }
}
