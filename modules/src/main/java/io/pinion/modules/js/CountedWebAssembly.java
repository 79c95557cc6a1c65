package io.pinion.modules.js;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Prepares a guest's WebAssembly binary so that {@link CallDepthInstrument} counts its functions.
 *
 * <p>The engine shows an instrument only those functions that stand in a source file, and learns where they stand from
 * custom sections: so each binary gets {@link FunctionDebugInfo}, and what it brought of the kind is left out. A memory
 * gets a largest size. All else, validation too, is the engine's business; what cannot be followed here is refused, so no
 * function gets past the count.
 *
 * <pre>
 * binary   = magic version section*             section  = id:u8 length:leb payload
 * custom   = name bytes                         name     = length:leb utf8
 * types    = count:leb (0x60 values values)*    values   = count:leb type:u8*
 * imports  = count:leb (name name kind:u8 description)*
 * memories = count:leb (flags:u8 min:leb [max:leb])*
 * code     = count:leb (length:leb locals instructions)*
 * </pre>
 */
final class CountedWebAssembly {
    static final int FUNCTIONS_MAX = 10_000;

    /** In bytes of code: what is larger would keep the compiler busy for long, and in vain. */
    static final int FUNCTION_LENGTH_MAX = 1 << 20;

    /** Parameters or results: the engine looks at all of a block's for each entry of a branch table that leads to it. */
    static final int VALUES_MAX = 100;

    private static final int PAGE_BYTES = 1 << 16;
    /** A memory is an array of bytes like others. */
    static final int MEMORY_PAGES_MAX = JsEngine.TYPED_ARRAY_LENGTH_MAX / PAGE_BYTES;

    private static final int HEADER_BYTES = 8;
    private static final int CUSTOM_SECTION = 0;
    private static final int TYPE_SECTION = 1;
    private static final int IMPORT_SECTION = 2;
    private static final int MEMORY_SECTION = 5;
    private static final int CODE_SECTION = 10;
    private static final int LEB_BYTES_MAX = 5;

    private static final int FUNCTION_TYPE = 0x60;

    private static final int FUNCTION = 0;
    private static final int TABLE = 1;
    private static final int MEMORY = 2;
    private static final int GLOBAL = 3;
    private static final int HAS_MAX = 1;

    private final byte[] binary;
    private final int length;
    private final ByteArrayOutputStream counted;
    private final FunctionDebugInfo functions = new FunctionDebugInfo();
    private int position = HEADER_BYTES;

    /** The bytes are no WebAssembly binary, or one that is too large. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message);
        }
    }

    private CountedWebAssembly(byte[] binary, int length) {
        this.binary = binary;
        this.length = length;
        this.counted = new ByteArrayOutputStream(length + length / 8);
    }

    /** @param bytes of which the first {@code length} are the binary; they are left as they are */
    static byte[] of(byte[] bytes, int length) throws RefusedException {
        CountedWebAssembly program = new CountedWebAssembly(bytes, length);
        program.require(length >= HEADER_BYTES);
        program.counted.write(bytes, 0, HEADER_BYTES);
        while (program.position < length) {
            program.copySection();
        }
        program.functions.writeSections(program.counted);
        return program.counted.toByteArray();
    }

    private void copySection() throws RefusedException {
        int start = position;
        int id = readByte();
        int size = readLeb();
        require(size >= 0 && size <= length - position);
        int end = position + size;
        switch (id) {
            case CUSTOM_SECTION -> copyUnlessDebugInfo(start, end);
            case MEMORY_SECTION -> copyMemories();
            case TYPE_SECTION -> {
                readTypes();
                copy(start, end);
            }
            case IMPORT_SECTION -> {
                readImports();
                copy(start, end);
            }
            case CODE_SECTION -> {
                readFunctions();
                copy(start, end);
            }
            default -> {
                position = end;
                copy(start, end);
            }
        }
        require(position == end);
    }

    private void copyUnlessDebugInfo(int start, int end) throws RefusedException {
        int nameLength = readLeb();
        require(nameLength >= 0 && nameLength <= end - position);
        String name = new String(binary, position, nameLength, StandardCharsets.UTF_8);
        if (!name.startsWith(FunctionDebugInfo.SECTION_PREFIX)) {
            copy(start, end);
        }
        position = end;
    }

    private void readTypes() throws RefusedException {
        int count = readLeb();
        for (int i = 0; i < count; i++) {
            require(readByte() == FUNCTION_TYPE);
            skipValues();
            skipValues();
        }
    }

    private void skipValues() throws RefusedException {
        int count = readLeb();
        if (Integer.compareUnsigned(count, VALUES_MAX) > 0) {
            throw new RefusedException("a type has more than the " + VALUES_MAX + " parameters or results allowed");
        }
        skip(count);
    }

    private void readImports() throws RefusedException {
        int count = readLeb();
        for (int i = 0; i < count; i++) {
            skip(readLeb());
            skip(readLeb());
            switch (readByte()) {
                case FUNCTION -> {
                    readLeb();
                    functions.imported();
                }
                case TABLE -> {
                    readByte();
                    skipLimits();
                }
                case MEMORY -> skipLimits();
                case GLOBAL -> skip(2);
                default -> require(false);
            }
        }
    }

    private void skipLimits() throws RefusedException {
        int flags = readLimitFlags();
        readLeb();
        if (flags == HAS_MAX) {
            readLeb();
        }
    }

    private void copyMemories() throws RefusedException {
        ByteArrayOutputStream memories = new ByteArrayOutputStream();
        int count = readLeb();
        FunctionDebugInfo.writeLeb(memories, count);
        for (int i = 0; i < count; i++) {
            int flags = readLimitFlags();
            int min = readLeb();
            int max = flags == HAS_MAX ? readLeb() : MEMORY_PAGES_MAX;
            memories.write(HAS_MAX);
            FunctionDebugInfo.writeLeb(memories, min);
            FunctionDebugInfo.writeLeb(
                    memories, Integer.compareUnsigned(max, MEMORY_PAGES_MAX) < 0 ? max : MEMORY_PAGES_MAX);
        }
        counted.write(MEMORY_SECTION);
        FunctionDebugInfo.writeLeb(counted, memories.size());
        counted.writeBytes(memories.toByteArray());
    }

    /** Neither shared memories nor those of 64 bits. */
    private int readLimitFlags() throws RefusedException {
        int flags = readByte();
        require(flags == 0 || flags == HAS_MAX);
        return flags;
    }

    private void readFunctions() throws RefusedException {
        int payload = position;
        int count = readLeb();
        if (count < 0 || count > FUNCTIONS_MAX) {
            throw new RefusedException("the program has more than the " + FUNCTIONS_MAX + " functions allowed");
        }
        for (int i = 0; i < count; i++) {
            int size = readLeb();
            if (Integer.compareUnsigned(size, FUNCTION_LENGTH_MAX) > 0) {
                throw new RefusedException("a function has more than the " + FUNCTION_LENGTH_MAX + " bytes allowed");
            }
            int start = position - payload;
            skip(size);
            functions.add(start, size);
        }
    }

    private void copy(int start, int end) {
        counted.write(binary, start, end - start);
    }

    private int readByte() throws RefusedException {
        require(position < length);
        return binary[position++] & 0xff;
    }

    /** An unsigned number of 32 bits. */
    private int readLeb() throws RefusedException {
        int value = 0;
        for (int i = 0; i < LEB_BYTES_MAX; i++) {
            int next = readByte();
            value |= (next & 0x7f) << (7 * i);
            if (next < 0x80) {
                return value;
            }
        }
        throw new RefusedException("a number is too long, position=" + position);
    }

    private void skip(int count) throws RefusedException {
        require(count >= 0 && count <= length - position);
        position += count;
    }

    private void require(boolean holds) throws RefusedException {
        if (!holds) {
            throw new RefusedException("the program is no WebAssembly of version 1, position=" + position);
        }
    }
}
