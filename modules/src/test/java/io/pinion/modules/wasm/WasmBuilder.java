package io.pinion.modules.wasm;

import io.pinion.store.value.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts WebAssembly binaries together by hand, whole or broken. Types are written as letters: i for i32, I for i64, f for f32, F for f64.
 * Function bodies are opcodes, without locals and without their end.
 */
final class WasmBuilder {
    /** Where {@link #minimal} keeps the description: its length, then its bytes. */
    private static final int DESCRIPTION_AT = 1024;

    static final Bytes EMPTY_DESCRIPTION = Bytes.ofHex("0200000000");
    private static final String CALL_PARAMETERS = "iIIIIIIIii";

    private final List<byte[]> types = new ArrayList<>();
    private final List<byte[]> imports = new ArrayList<>();
    private final List<Integer> functionTypes = new ArrayList<>();
    private final List<byte[]> bodies = new ArrayList<>();
    private final List<byte[]> exports = new ArrayList<>();
    private final List<byte[]> data = new ArrayList<>();
    private byte[] memory = {};
    private int functionImports;

    /** A module that describes itself as empty and whose reducers return 0; more can be added, not taken away. */
    static WasmBuilder minimal() {
        return describing(EMPTY_DESCRIPTION).exportFunction("__call_reducer__", CALL_PARAMETERS, "i", i32(0));
    }

    /** A module with a description and no reducers. */
    static WasmBuilder describing(Bytes description) {
        return new WasmBuilder()
                .importFunction("spacetime_10.0", "bytes_sink_write", "iii", "i")
                .memory(1, 16)
                .exportMemory("memory")
                .data(DESCRIPTION_AT, concat(u32le(description.length()), description.unsafeArray()))
                .exportFunction(
                        "__describe_module__",
                        "i",
                        "",
                        localGet(0),
                        i32(DESCRIPTION_AT + 4),
                        i32(DESCRIPTION_AT),
                        call(0),
                        DROP);
    }

    static final byte[] DROP = {0x1a};
    static final byte[] UNREACHABLE = {0x00};
    static final byte[] ENDLESS_LOOP = {0x03, 0x40, 0x0c, 0x00, 0x0b};

    static byte[] localGet(int local) {
        return concat(new byte[] {0x20}, leb(local));
    }

    static byte[] call(int function) {
        return concat(new byte[] {0x10}, leb(function));
    }

    static byte[] i32(int value) {
        return concat(new byte[] {0x41}, signedLeb(value));
    }

    /** All imports come before all functions. */
    WasmBuilder importFunction(String module, String name, String parameters, String results) {
        functionImports++;
        imports.add(concat(name(module), name(name), new byte[] {0}, leb(type(parameters, results))));
        return this;
    }

    WasmBuilder importMemory(String module, String name) {
        imports.add(concat(name(module), name(name), new byte[] {2, 0, 1}));
        return this;
    }

    WasmBuilder memory(int pages, int pagesMax) {
        return memorySection(concat(new byte[] {1, 1}, leb(pages), leb(pagesMax)));
    }

    WasmBuilder memorySection(byte[] content) {
        memory = content;
        return this;
    }

    WasmBuilder exportMemory(String name) {
        exports.add(concat(name(name), new byte[] {2, 0}));
        return this;
    }

    WasmBuilder exportFunction(String name, String parameters, String results, byte[]... code) {
        exports.add(concat(name(name), new byte[] {0}, leb(functionImports + bodies.size())));
        functionTypes.add(type(parameters, results));
        byte[] body = concat(new byte[] {0}, concat(code), new byte[] {0x0b});
        bodies.add(concat(leb(body.length), body));
        return this;
    }

    WasmBuilder data(int address, byte[] content) {
        data.add(concat(new byte[] {0}, i32(address), new byte[] {0x0b}, leb(content.length), content));
        return this;
    }

    /** A segment that is copied by instructions; see {@link #data} for those that are there from the start. */
    WasmBuilder passiveData(byte[] content) {
        data.add(concat(new byte[] {1}, leb(content.length), content));
        return this;
    }

    Bytes build() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        section(out, 1, types);
        section(out, 2, imports);
        section(out, 3, functionTypes.stream().map(WasmBuilder::leb).toList());
        if (memory.length > 0) {
            out.writeBytes(concat(new byte[] {5}, leb(memory.length), memory));
        }
        section(out, 7, exports);
        if (!data.isEmpty()) {
            out.writeBytes(concat(new byte[] {12}, leb(leb(data.size()).length), leb(data.size())));
        }
        section(out, 10, bodies);
        section(out, 11, data);
        return Bytes.wrap(out.toByteArray());
    }

    private static void section(ByteArrayOutputStream out, int id, List<byte[]> entries) {
        if (entries.isEmpty()) {
            return;
        }
        byte[] content = concat(leb(entries.size()), concat(entries.toArray(byte[][]::new)));
        out.writeBytes(concat(new byte[] {(byte) id}, leb(content.length), content));
    }

    private int type(String parameters, String results) {
        types.add(concat(new byte[] {0x60}, letters(parameters), letters(results)));
        return types.size() - 1;
    }

    private static byte[] letters(String letters) {
        byte[] kinds = new byte[letters.length()];
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = (byte) (0x7f - "iIfF".indexOf(letters.charAt(i)));
        }
        return concat(leb(kinds.length), kinds);
    }

    private static byte[] name(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return concat(leb(utf8.length), utf8);
    }

    private static byte[] u32le(int value) {
        return new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)};
    }

    static byte[] leb(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = value;
        while (rest >>> 7 != 0) {
            out.write((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
        return out.toByteArray();
    }

    private static byte[] signedLeb(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = value;
        while (rest < -64 || rest > 63) {
            out.write((rest & 0x7f) | 0x80);
            rest >>= 7;
        }
        out.write(rest & 0x7f);
        return out.toByteArray();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
