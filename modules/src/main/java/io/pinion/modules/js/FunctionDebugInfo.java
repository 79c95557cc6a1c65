package io.pinion.modules.js;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The least debug information, in DWARF version 4, that says of each function of a WebAssembly program that it stands in a
 * source file: one compilation unit, which has every function, and one row of the line table where each of them begins.
 * Addresses are offsets in the payload of the code section.
 *
 * <pre>
 * .debug_abbrev = the shape of a unit (1) and of a function (2)
 * .debug_info   = length:u32 version:u16 abbrev:u32 addressBytes:u8 unit function* end:u8
 * unit          = 1 language:u8 directory:text lines:u32 start:u32 length:u32
 * function      = 2 name:text file:u8 start:u32 length:u32 frameBase:block
 * .debug_line   = length:u32 version:u16 headerLength:u32 header row*
 * </pre>
 */
final class FunctionDebugInfo {
    static final String SECTION_PREFIX = ".debug_";

    private static final int VERSION = 4;
    private static final int ADDRESS_BYTES = 4;
    /** The engine knows C, C++ and Rust. */
    private static final int LANGUAGE_C99 = 12;

    private static final String DIRECTORY = "";
    private static final String FILE = "wasm";

    private static final byte[] ABBREVIATIONS = {
        1, 0x11, 1, 0x13, 0x0b, 0x1b, 0x08, 0x10, 0x17, 0x11, 0x01, 0x12, 0x06, 0, 0, // a unit, with children
        2, 0x2e, 0, 0x03, 0x08, 0x3a, 0x0b, 0x11, 0x01, 0x12, 0x06, 0x40, 0x18, 0, 0, // a function, without
        0
    };

    /** How rows are written: only by the opcodes below, so most of this is what every writer has here. */
    private static final byte[] LINE_PARAMETERS = {1, 1, 1, -5, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};

    private static final byte[] SET_ADDRESS = {0, 1 + ADDRESS_BYTES, 2};
    private static final int ROW = 1;
    /** No operation and the end of the rows; the engine leaves off four bytes before the end. */
    private static final byte[] END_OF_ROWS = {7, 0, 1, 1};

    private final ByteArrayOutputStream entries = new ByteArrayOutputStream();
    private final ByteArrayOutputStream rows = new ByteArrayOutputStream();
    private int nextIndex;
    private int end;

    /** A function that is imported: it has an index and no code. */
    void imported() {
        nextIndex++;
    }

    /** The next function of the code section. */
    void add(int start, int length) {
        entries.write(2);
        writeText(entries, "wasm-function[" + nextIndex++ + "]");
        entries.write(1);
        writeInt(entries, start);
        writeInt(entries, length);
        entries.write(0);
        rows.writeBytes(SET_ADDRESS);
        writeInt(rows, start);
        rows.write(ROW);
        end = start + length;
    }

    /** Appends the custom sections, or nothing if there are no functions. */
    void writeSections(ByteArrayOutputStream binary) {
        if (end == 0) {
            return;
        }
        writeSection(binary, "abbrev", ABBREVIATIONS);
        writeSection(binary, "info", info());
        writeSection(binary, "line", lines());
    }

    private byte[] info() {
        ByteArrayOutputStream unit = new ByteArrayOutputStream();
        writeShort(unit, VERSION);
        writeInt(unit, 0);
        unit.write(ADDRESS_BYTES);
        unit.write(1);
        unit.write(LANGUAGE_C99);
        writeText(unit, DIRECTORY);
        writeInt(unit, 0);
        writeInt(unit, 0);
        writeInt(unit, end);
        unit.writeBytes(entries.toByteArray());
        unit.write(0);
        return withLength(unit);
    }

    private byte[] lines() {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.writeBytes(LINE_PARAMETERS);
        header.write(0);
        writeText(header, FILE);
        header.writeBytes(new byte[4]);
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        writeShort(table, VERSION);
        writeInt(table, header.size());
        table.writeBytes(header.toByteArray());
        table.writeBytes(rows.toByteArray());
        table.writeBytes(END_OF_ROWS);
        return withLength(table);
    }

    private static byte[] withLength(ByteArrayOutputStream content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(Integer.BYTES + content.size());
        writeInt(out, content.size());
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    private static void writeSection(ByteArrayOutputStream binary, String name, byte[] content) {
        byte[] nameBytes = (SECTION_PREFIX + name).getBytes(StandardCharsets.UTF_8);
        binary.write(0);
        writeLeb(binary, 1 + nameBytes.length + content.length);
        writeLeb(binary, nameBytes.length);
        binary.writeBytes(nameBytes);
        binary.writeBytes(content);
    }

    private static void writeText(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        out.write(0);
    }

    private static void writeShort(ByteArrayOutputStream out, int value) {
        out.write(value);
        out.write(value >>> 8);
    }

    private static void writeInt(ByteArrayOutputStream out, int value) {
        writeShort(out, value);
        writeShort(out, value >>> 16);
    }

    /** An unsigned number of 32 bits. */
    static void writeLeb(ByteArrayOutputStream out, int value) {
        int rest = value;
        while (rest >>> 7 != 0) {
            out.write(0x80 | (rest & 0x7f));
            rest >>>= 7;
        }
        out.write(rest);
    }
}
