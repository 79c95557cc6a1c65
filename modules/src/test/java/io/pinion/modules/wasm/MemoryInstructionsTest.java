package io.pinion.modules.wasm;

import static io.pinion.modules.wasm.WasmBuilder.concat;
import static io.pinion.modules.wasm.WasmBuilder.leb;
import static io.pinion.modules.wasm.WasmBuilder.localGet;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import io.pinion.modules.WasmMemoryBudget;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every memory instruction as the WebAssembly specification has it, in compiled code on the flat memory: an effective
 * address does not wrap at 4 GiB, what leads beyond the last page traps, and what traps has changed nothing.
 */
@Timeout(60)
class MemoryInstructionsTest {
    private static final int PAGE_BYTES = 1 << 16;
    private static final byte[] SEGMENT = "abcdefgh".getBytes(StandardCharsets.US_ASCII);
    private static final List<Long> OFFSETS = List.of(0L, 1L, 7L, 65_535L, 65_536L, 0x7fff_ffffL, 0xffff_ffffL);

    /** An access: its opcode, how many bytes it touches, and the letter of its type. */
    private record Access(String name, int opcode, int bytes, String type) {}

    private static final List<Access> LOADS = List.of(
            new Access("i32.load", 0x28, 4, "i"),
            new Access("i64.load", 0x29, 8, "I"),
            new Access("f32.load", 0x2a, 4, "f"),
            new Access("f64.load", 0x2b, 8, "F"),
            new Access("i32.load8_s", 0x2c, 1, "i"),
            new Access("i32.load8_u", 0x2d, 1, "i"),
            new Access("i32.load16_s", 0x2e, 2, "i"),
            new Access("i32.load16_u", 0x2f, 2, "i"),
            new Access("i64.load8_s", 0x30, 1, "I"),
            new Access("i64.load8_u", 0x31, 1, "I"),
            new Access("i64.load16_s", 0x32, 2, "I"),
            new Access("i64.load16_u", 0x33, 2, "I"),
            new Access("i64.load32_s", 0x34, 4, "I"),
            new Access("i64.load32_u", 0x35, 4, "I"));

    private static final List<Access> STORES = List.of(
            new Access("i32.store", 0x36, 4, "i"),
            new Access("i64.store", 0x37, 8, "I"),
            new Access("f32.store", 0x38, 4, "f"),
            new Access("f64.store", 0x39, 8, "F"),
            new Access("i32.store8", 0x3a, 1, "i"),
            new Access("i32.store16", 0x3b, 2, "i"),
            new Access("i64.store8", 0x3c, 1, "I"),
            new Access("i64.store16", 0x3d, 2, "I"),
            new Access("i64.store32", 0x3e, 4, "I"));

    private final Instance instance = instance();

    private static Instance instance() {
        WasmBuilder builder = new WasmBuilder().memory(1, 3).passiveData(SEGMENT);
        for (Access load : LOADS) {
            for (long offset : OFFSETS) {
                builder.exportFunction(key(load, offset), "i", load.type(), localGet(0), access(load, offset));
            }
        }
        for (Access store : STORES) {
            for (long offset : OFFSETS) {
                String parameters = "i" + store.type();
                builder.exportFunction(
                        key(store, offset), parameters, "", localGet(0), localGet(1), access(store, offset));
            }
        }
        byte[] three = concat(localGet(0), localGet(1), localGet(2));
        builder.exportFunction("copy", "iii", "", three, hex("fc0a0000"))
                .exportFunction("fill", "iii", "", three, hex("fc0b00"))
                .exportFunction("init", "iii", "", three, hex("fc080000"))
                .exportFunction("drop", "", "", hex("fc0900"))
                .exportFunction("size", "", "i", hex("3f00"))
                .exportFunction("grow", "i", "i", localGet(0), hex("4000"));
        WasmModule module = Parser.parse(builder.build().toArray());
        return Instance.builder(module)
                .withMachineFactory(MachineFactoryCompiler.builder(module)
                        .withInterpreterFallback(InterpreterFallback.FAIL)
                        .compile())
                .withMemoryFactory(limits -> new FlatMemory(limits, new WasmMemoryBudget(1 << 24)))
                .build();
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    private static String key(Access access, long offset) {
        return access.name() + "+" + offset;
    }

    /** Natural alignment is a hint; 0 says that there is none. */
    private static byte[] access(Access access, long offset) {
        return concat(new byte[] {(byte) access.opcode(), 0}, leb((int) offset));
    }

    private long[] run(String function, long... arguments) {
        return instance.export(function).apply(arguments);
    }

    private byte[] contents() {
        return instance.memory().readBytes(0, (int) run("size")[0] * PAGE_BYTES);
    }

    /** Addresses around the point where the access meets the end, and from the ends of the address space. */
    private static long[] addresses(long limit, long offset, int bytes) {
        long last = limit - offset - bytes;
        long[] around = new long[26];
        for (int i = 0; i < 20; i++) {
            around[i] = (last - 10 + i) & 0xffff_ffffL;
        }
        around[20] = 0;
        around[21] = 0x7fff_ffffL;
        around[22] = 0x8000_0000L;
        around[23] = 0xffff_ffffL;
        around[24] = 0xffff_fff8L;
        around[25] = limit & 0xffff_ffffL;
        return around;
    }

    private static boolean isInside(long limit, long address, long offset, int bytes) {
        return address + offset + bytes <= limit;
    }

    /** As an argument of the guest's 32-bit type. */
    private static long i32(long value) {
        return (int) value;
    }

    @Test
    void loadsEndWithTheMemory() {
        for (long limit : grownLimits()) {
            for (Access load : LOADS) {
                for (long offset : OFFSETS) {
                    for (long address : addresses(limit, offset, load.bytes())) {
                        String what = key(load, offset) + " at " + address + " of " + limit;
                        if (isInside(limit, address, offset, load.bytes())) {
                            assertEquals(0, run(key(load, offset), i32(address))[0], what);
                        } else {
                            assertTraps(what, key(load, offset), i32(address));
                        }
                    }
                }
            }
        }
    }

    @Test
    void storesEndWithTheMemoryAndChangeNothingWhereTheyTrap() {
        for (long limit : grownLimits()) {
            for (Access store : STORES) {
                for (long offset : OFFSETS) {
                    for (long address : addresses(limit, offset, store.bytes())) {
                        String what = key(store, offset) + " at " + address + " of " + limit;
                        if (isInside(limit, address, offset, store.bytes())) {
                            run(key(store, offset), i32(address), 0);
                        } else {
                            assertTraps(what, key(store, offset), i32(address), -1);
                        }
                    }
                }
            }
            assertArrayEquals(new byte[(int) limit], contents());
        }
    }

    /** The size of the memory before it grows and after. */
    private Iterable<Long> grownLimits() {
        return () -> Stream.of(1L, 2L, 3L)
                .map(pages -> {
                    while (run("size")[0] < pages) {
                        run("grow", 1);
                    }
                    return pages * PAGE_BYTES;
                })
                .iterator();
    }

    private void assertTraps(String what, String function, long... arguments) {
        assertThrows(ChicoryException.class, () -> run(function, arguments), what);
    }

    @Test
    void loadsExtendAndKeepBits() {
        instance.memory().write(16, hex("80ff7f8001020384"));

        assertEquals(0xffff_ff80L, run("i32.load8_s+0", 16)[0] & 0xffff_ffffL);
        assertEquals(0x80, run("i32.load8_u+0", 16)[0]);
        assertEquals(0xffff_ff80L, run("i32.load16_s+0", 16)[0] & 0xffff_ffffL);
        assertEquals(0xff80, run("i32.load16_u+0", 16)[0]);
        assertEquals(-128, run("i64.load8_s+0", 16)[0]);
        assertEquals(-128, run("i64.load16_s+0", 16)[0]);
        assertEquals(0xffff_ffff_807f_ff80L, run("i64.load32_s+0", 16)[0]);
        assertEquals(0x807f_ff80L, run("i64.load32_u+0", 16)[0]);
        assertEquals(0x8403_0201_807f_ff80L, run("i64.load+0", 16)[0]);
        assertEquals(0x8403_0201_807f_ff80L, run("f64.load+0", 16)[0]);
        assertEquals(0x0201_807f, run("i32.load+1", 17)[0]);
    }

    @Test
    void aNaNIsStoredAndLoadedAsItIs() {
        run("f32.store+0", 0, 0x7fa1_2345L);
        run("f64.store+0", 8, 0x7ff4_1234_5678_9abcL);

        assertEquals(0x7fa1_2345L, run("i32.load+0", 0)[0]);
        assertEquals(0x7ff4_1234_5678_9abcL, run("i64.load+0", 8)[0]);
    }

    @Test
    void copiesOverlapInBothDirections() {
        instance.memory().write(100, SEGMENT);
        run("copy", 102, 100, 8);
        assertEquals("ababcdefgh", text(100, 10));

        instance.memory().write(200, SEGMENT);
        run("copy", 198, 200, 8);
        assertEquals("abcdefghgh", text(198, 10));
    }

    private String text(int address, int length) {
        return new String(instance.memory().readBytes(address, length), StandardCharsets.US_ASCII);
    }

    @Test
    void bulkOperationsReachTheEndAndTrapBeyondBeforeTheyWrite() {
        run("fill", 0, 7, PAGE_BYTES);
        byte[] before = contents();
        for (String operation : List.of("copy", "fill", "init")) {
            run(operation, PAGE_BYTES, 0, 0);
            assertTraps(operation, operation, PAGE_BYTES + 1, 0, 0);
            assertTraps(operation, operation, PAGE_BYTES - 4, 0, 5);
            assertTraps(operation, operation, -1, 0, 1);
            assertTraps(operation, operation, -1, 0, 0);
            assertTraps(operation, operation, 1, 0, -1);
            assertTraps(operation, operation, PAGE_BYTES, 0, 1);
        }
        run("copy", 0, PAGE_BYTES, 0);
        assertTraps("copy", "copy", 0, PAGE_BYTES + 1, 0);
        assertTraps("copy", "copy", 0, PAGE_BYTES - 4, 5);
        assertTraps("copy", "copy", 0, -1, 1);
        run("init", 0, SEGMENT.length, 0);
        assertTraps("init", "init", 0, SEGMENT.length + 1, 0);
        assertTraps("init", "init", 0, 4, 5);
        assertTraps("init", "init", 0, -1, 1);

        assertArrayEquals(before, contents());
    }

    @Test
    void fillTakesTheLowestByteAndAnyLength() {
        run("fill", 10, 0x1234_5678, 3);

        assertArrayEquals(hex("0000787878" + "00"), Arrays.copyOfRange(contents(), 8, 14));
    }

    @Test
    void aSegmentIsCopiedUntilItIsDropped() {
        run("init", 40, 2, 4);
        assertEquals("cdef", text(40, 4));

        run("drop");
        run("drop");

        run("init", 0, 0, 0);
        assertTraps("init", "init", 0, 0, 1);
        assertTraps("init", "init", 0, 1, 0);
        assertEquals("cdef", text(40, 4));
    }

    @Test
    void growthReturnsTheOldSizeAndBringsZerosUpToTheMaximum() {
        run("fill", 0, -1, PAGE_BYTES);

        assertEquals(1, run("grow", 0)[0]);
        assertEquals(1, run("grow", 1)[0]);
        assertEquals(2, run("size")[0]);
        assertEquals(-1, (int) run("grow", 2)[0]);
        assertEquals(-1, (int) run("grow", 65_536)[0]);
        assertEquals(-1, (int) run("grow", -1)[0]);
        assertEquals(2, run("size")[0]);
        assertEquals(2, run("grow", 1)[0]);
        assertEquals(-1, (int) run("grow", 1)[0]);
        assertEquals(3, run("grow", 0)[0]);

        byte[] contents = contents();
        byte[] expected = new byte[3 * PAGE_BYTES];
        Arrays.fill(expected, 0, PAGE_BYTES, (byte) -1);
        assertArrayEquals(expected, contents);
    }

    @Test
    void aTrapLeavesTheMemoryAsUsableAsItWas() {
        assertThrows(WasmRuntimeException.class, () -> run("i32.load+0", PAGE_BYTES));
        run("i32.store+0", PAGE_BYTES - 4, 0x0102_0304);
        assertEquals(0x0102_0304, run("i32.load+0", PAGE_BYTES - 4)[0]);
    }
}
