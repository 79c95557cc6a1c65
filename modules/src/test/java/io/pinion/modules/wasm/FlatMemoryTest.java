package io.pinion.modules.wasm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import io.pinion.modules.WasmMemoryBudget;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class FlatMemoryTest {
    private static final int PAGE = Memory.PAGE_SIZE;
    private static final List<Integer> WILD = List.of(-1, -8, Integer.MIN_VALUE, Integer.MAX_VALUE);

    private static FlatMemory memory(MemoryLimits limits) {
        return new FlatMemory(limits, WasmMemoryBudget.shared());
    }

    /** A memory whose array is longer than its pages, as growing leaves it. */
    private static FlatMemory withSlack() {
        FlatMemory memory = memory(new MemoryLimits(20, 100));
        assertEquals(20, memory.grow(1));
        assertTrue(memory.array().length > memory.size(), "no slack to test");
        return memory;
    }

    @Test
    void scalarsAreLittleEndianAndKeepTheirBits() {
        FlatMemory memory = memory(new MemoryLimits(1, 1));

        memory.writeLong(3, 0x0102030405060708L);
        assertEquals(8, memory.read(3));
        assertEquals(0x0708, memory.readShort(3));
        assertEquals(0x0708L, memory.readU16(3));
        assertEquals(0x05060708, memory.readInt(3));
        assertEquals(0x0102030405060708L, memory.readLong(3));
        memory.writeShort(9, (short) -2);
        assertEquals(0xfffeL, memory.readU16(9));
        memory.writeByte(9, (byte) -1);
        assertEquals(-1, memory.read(9));
        memory.writeI32(11, 0x7fa00001);
        assertEquals(0x7fa00001L, memory.readF32(11));
        memory.writeF32(20, 1.5f);
        assertEquals(1.5f, memory.readFloat(20));
        memory.writeF64(30, -2.25);
        assertEquals(-2.25, memory.readDouble(30));
        assertEquals(Double.doubleToRawLongBits(-2.25), memory.readF64(30));
    }

    @Test
    void theLastBytesOfTheLastPageCanBeReachedAndNoneBeyond() {
        for (FlatMemory memory : List.of(memory(new MemoryLimits(1, 1)), withSlack())) {
            int size = memory.size();
            memory.read(size - 1);
            memory.readShort(size - 2);
            memory.readInt(size - 4);
            memory.readLong(size - 8);
            memory.writeByte(size - 1, (byte) 1);
            memory.writeShort(size - 2, (short) 1);
            memory.writeI32(size - 4, 1);
            memory.writeLong(size - 8, 1);
            memory.writeF32(size - 4, 1);
            memory.writeF64(size - 8, 1);
            trapsFromOn(memory, size - 1, size);
        }
    }

    private static void trapsFromOn(FlatMemory memory, int from, int size) {
        for (int address = from; address < size + 20; address++) {
            int at = address;
            if (address >= size) {
                traps(() -> memory.read(at));
                traps(() -> memory.writeByte(at, (byte) 1));
            }
            traps(() -> memory.readShort(at));
            traps(() -> memory.writeShort(at, (short) 1));
            traps(() -> memory.readInt(at));
            traps(() -> memory.writeI32(at, 1));
            traps(() -> memory.readFloat(at));
            traps(() -> memory.writeF32(at, 1));
            traps(() -> memory.readLong(at));
            traps(() -> memory.writeLong(at, 1));
            traps(() -> memory.readDouble(at));
            traps(() -> memory.writeF64(at, 1));
        }
    }

    @Test
    void addressesAboveTwoGigabytesAreOutOfBounds() {
        FlatMemory memory = withSlack();
        for (int address : WILD) {
            traps(() -> memory.read(address));
            traps(() -> memory.readU16(address));
            traps(() -> memory.readInt(address));
            traps(() -> memory.readLong(address));
            traps(() -> memory.writeByte(address, (byte) 0));
            traps(() -> memory.writeLong(address, 0));
            traps(() -> memory.copy(address, 0, 1));
            traps(() -> memory.copy(0, address, 1));
            traps(() -> memory.copy(0, 0, address));
            traps(() -> memory.write(address, new byte[1], 0, 1));
            traps(() -> memory.readBytes(address, 1));
            assertFalse(memory.isInBounds(address, 1));
            assertFalse(memory.isInBounds(1, address));
        }
    }

    @Test
    void aMemoryWithoutPagesHasNoAddress() {
        FlatMemory memory = memory(new MemoryLimits(0, 1));
        traps(() -> memory.read(0));
        traps(() -> memory.readInt(0));
        traps(() -> memory.readLong(0));
        memory.copy(0, 0, 0);
        memory.fill((byte) 1, 0, 0);
        assertEquals(0, memory.grow(1));
        assertEquals(0, memory.readLong(PAGE - 8));
    }

    @Test
    void bulkOperationsAreBoundedByThePagesAndNotByTheArray() {
        for (FlatMemory memory : List.of(memory(new MemoryLimits(1, 1)), withSlack())) {
            int size = memory.size();
            memory.fill((byte) 7, size - 3, size);
            traps(() -> memory.fill((byte) 7, size - 3, size + 1));
            traps(() -> memory.fill((byte) 7, size + 1, size + 1));
            traps(() -> memory.fill((byte) 7, 5, 4));
            memory.copy(size - 3, 0, 3);
            traps(() -> memory.copy(size - 3, 0, 4));
            traps(() -> memory.copy(0, size - 3, 4));
            memory.copy(size, size, 0);
            traps(() -> memory.copy(size + 1, 0, 0));
            traps(() -> memory.copy(0, size + 1, 0));
            memory.write(size - 2, new byte[] {1, 2, 3}, 1, 2);
            assertArrayEquals(new byte[] {2, 3}, memory.readBytes(size - 2, 2));
            traps(() -> memory.write(size - 1, new byte[2], 0, 2));
            traps(() -> memory.readBytes(size - 1, 2));
            traps(() -> memory.readBytes(size + 1, 0));
        }
    }

    @Test
    void whatTrapsHasChangedNothing() {
        FlatMemory memory = withSlack();
        int size = memory.size();
        traps(() -> memory.fill((byte) 7, 0, size + 1));
        traps(() -> memory.copy(0, size - 10, 11));
        traps(() -> memory.writeLong(size - 4, -1));
        assertEquals(0, memory.readLong(0));
        assertEquals(0, memory.readInt(size - 4));
    }

    @Test
    void copiesMayOverlap() {
        FlatMemory memory = memory(new MemoryLimits(1, 1));
        memory.write(0, new byte[] {1, 2, 3, 4, 5}, 0, 5);
        memory.copy(1, 0, 4);
        assertArrayEquals(new byte[] {1, 1, 2, 3, 4}, memory.readBytes(0, 5));
        memory.copy(0, 1, 4);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 4}, memory.readBytes(0, 5));
    }

    @Test
    void growthKeepsTheContentAndBringsZeros() {
        FlatMemory memory = memory(new MemoryLimits(1, 200));
        for (int pages = 1; pages < 200; pages++) {
            memory.writeLong(pages * PAGE - 8, pages);
            assertEquals(pages, memory.grow(1));
            assertEquals(pages + 1, memory.pages());
            assertEquals(pages, memory.readLong(pages * PAGE - 8));
            for (int address = pages * PAGE; address < (pages + 1) * PAGE; address += 8) {
                assertEquals(0, memory.readLong(address));
            }
        }
        assertEquals(1, memory.readLong(PAGE - 8));
    }

    @Test
    void growthBeyondTheMaximumFailsAndChangesNothing() {
        FlatMemory memory = memory(new MemoryLimits(1, 3));
        assertEquals(-1, memory.grow(3));
        assertEquals(-1, memory.grow(-1));
        assertEquals(-1, memory.grow(Integer.MAX_VALUE));
        assertEquals(1, memory.pages());
        assertEquals(1, memory.grow(0));
        assertEquals(1, memory.grow(2));
        assertEquals(3, memory.pages());
        assertEquals(-1, memory.grow(1));
        assertEquals(3, memory.grow(0));
    }

    @Test
    void aMaximumOfFourGigabytesIsCutToWhatAnArrayCanHold() {
        FlatMemory memory = memory(new MemoryLimits(0, MemoryLimits.MAX_PAGES));
        assertEquals(Integer.MAX_VALUE / PAGE, memory.maximumPages());
        assertEquals(-1, memory.grow(MemoryLimits.MAX_PAGES));
    }

    @Test
    void passiveSegmentsAreCopiedUntilTheyAreDropped() {
        FlatMemory memory = memory(new MemoryLimits(1, 1));
        DataSegment[] segments = {new PassiveDataSegment(new byte[] {1, 2, 3, 4})};
        memory.keepSegments(segments);

        memory.initPassiveSegment(0, 10, 1, 3);
        assertArrayEquals(new byte[] {2, 3, 4, 0}, memory.readBytes(10, 4));
        memory.initPassiveSegment(0, PAGE, 4, 0);
        traps(() -> memory.initPassiveSegment(0, 10, 1, 4));
        traps(() -> memory.initPassiveSegment(0, 10, -1, 1));
        traps(() -> memory.initPassiveSegment(0, 10, 0, -1));
        traps(() -> memory.initPassiveSegment(0, PAGE - 1, 0, 2));
        memory.drop(0);
        traps(() -> memory.initPassiveSegment(0, 10, 0, 1));
        memory.initPassiveSegment(0, 10, 0, 0);
    }

    @Test
    void aSegmentThatTheInstanceDropsIsDroppedHereToo() {
        FlatMemory memory = memory(new MemoryLimits(1, 1));
        DataSegment[] segments = {new PassiveDataSegment(new byte[] {1, 2, 3, 4})};
        memory.keepSegments(segments);

        segments[0] = PassiveDataSegment.EMPTY;

        traps(() -> memory.initPassiveSegment(0, 10, 0, 1));
    }

    @Test
    void atomicsArePlainOperationsAndWaitingTraps() {
        FlatMemory memory = memory(new MemoryLimits(1, 1));
        memory.atomicWriteInt(8, 40);
        assertEquals(40, memory.atomicAddInt(8, 2));
        assertEquals(42, memory.atomicCmpxchgInt(8, 42, 7));
        assertEquals(7, memory.atomicReadInt(8));
        memory.atomicWriteLong(16, -1);
        assertEquals(-1, memory.atomicXchgLong(16, 5));
        assertEquals(5, memory.atomicReadLong(16));
        traps(() -> memory.atomicWait(8, 7, 0));
        traps(() -> memory.atomicWait(16, 5L, 0));
        assertEquals(0, memory.atomicNotify(8, 1));
        traps(() -> memory.atomicNotify(PAGE, 1));
    }

    @Test
    void itBehavesLikeAByteBuffer() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        FlatMemory memory = memory(new MemoryLimits(2, 2));
        ByteBuffer model = ByteBuffer.allocate(memory.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (int round = 0; round < 20_000; round++) {
            int address = random.nextInt(memory.size() - 64);
            long value = random.nextLong();
            switch (random.nextInt(6)) {
                case 0 -> {
                    memory.writeLong(address, value);
                    model.putLong(address, value);
                }
                case 1 -> {
                    memory.writeI32(address, (int) value);
                    model.putInt(address, (int) value);
                }
                case 2 -> {
                    memory.writeShort(address, (short) value);
                    model.putShort(address, (short) value);
                }
                case 3 -> {
                    int to = random.nextInt(memory.size() - 64);
                    memory.copy(to, address, 64);
                    model.put(to, model.array(), address, 64);
                }
                case 4 -> {
                    memory.fill((byte) value, address, address + 9);
                    for (int i = 0; i < 9; i++) {
                        model.put(address + i, (byte) value);
                    }
                }
                default -> assertEquals(model.getLong(address), memory.readLong(address), "seed " + seed);
            }
        }
        assertArrayEquals(model.array(), memory.readBytes(0, memory.size()), "seed " + seed);
    }

    private static void traps(Executable access) {
        assertThrows(WasmRuntimeException.class, access);
    }

    // The budget

    @Test
    void aMemoryBeyondTheBudgetIsRefusedAndTheBudgetIsNamed() {
        WasmMemoryBudget budget = new WasmMemoryBudget(3L * PAGE);
        FlatMemory first = new FlatMemory(new MemoryLimits(2, 2), budget);

        UninstantiableException refusal =
                assertThrows(UninstantiableException.class, () -> new FlatMemory(new MemoryLimits(2, 2), budget));

        assertEquals(
                "its memory of 131072 bytes does not fit into the 196608 bytes that all WebAssembly memories may take"
                        + " together, of which 131072 are taken",
                refusal.getMessage());
        first.close();
        assertEquals(0, budget.usedBytes());
        new FlatMemory(new MemoryLimits(3, 3), budget).close();
    }

    @Test
    void growthBeyondTheBudgetFailsAndTakesNothing() {
        WasmMemoryBudget budget = new WasmMemoryBudget(5L * PAGE);
        FlatMemory memory = new FlatMemory(new MemoryLimits(2, 100), budget);

        assertEquals(-1, memory.grow(2));
        assertEquals(2L * PAGE, budget.usedBytes());
        assertEquals(2, memory.grow(1));
        assertEquals(3L * PAGE, budget.usedBytes());
        memory.close();
        memory.close();
        assertEquals(0, budget.usedBytes());
        assertEquals(-1, memory.grow(1));
    }

    /** With slack it would not fit, without it does. */
    @Test
    void slackIsLeftOutWhereTheBudgetIsNearlySpent() {
        WasmMemoryBudget budget = new WasmMemoryBudget(45L * PAGE);
        FlatMemory memory = new FlatMemory(new MemoryLimits(20, 100), budget);

        assertEquals(20, memory.grow(4));
        assertEquals(24L * PAGE, budget.usedBytes());
        memory.close();
    }

    @Test
    void aMemoryThatIsLostUnclosedIsGivenBack() {
        WasmMemoryBudget budget = new WasmMemoryBudget(100L * PAGE);
        lose(budget);

        long deadline = System.nanoTime() + 30_000_000_000L;
        while (budget.usedBytes() > 0 && System.nanoTime() < deadline) {
            System.gc();
            Thread.onSpinWait();
        }
        assertEquals(0, budget.usedBytes());
    }

    private static void lose(WasmMemoryBudget budget) {
        assertEquals(10, new FlatMemory(new MemoryLimits(10, 100), budget).grow(5));
    }
}
