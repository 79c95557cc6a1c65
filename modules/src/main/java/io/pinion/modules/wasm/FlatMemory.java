package io.pinion.modules.wasm;

import com.dylibso.chicory.runtime.ConstantEvaluators;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import io.pinion.modules.WasmMemoryBudget;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one instance as one array. The array may be longer than the memory, so that growing page by page does not
 * copy all of it each time; every access is checked against the size in pages, the slack is never reachable.
 *
 * <p>The array is taken from a budget that all memories share, and given back when this is closed, or when it is garbage.
 *
 * <p>Used by one thread at a time. Atomic instructions are the plain ones: the memory is never shared, and waiting on it
 * traps. Addresses are unsigned; one above 2 GiB is out of bounds, as a memory has 32,767 pages at most.
 */
@SuppressWarnings("removal") // the interface still demands the deprecated methods for shared memories
final class FlatMemory implements Memory, AutoCloseable {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle FLOAT = MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle DOUBLE =
            MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int PAGES_MAX = Integer.MAX_VALUE / PAGE_SIZE;
    /** Below this size a memory that grows is copied to its exact new size. */
    private static final int SLACK_FROM_BYTES = 1 << 20;

    private static final Cleaner CLEANER = Cleaner.create();

    private final MemoryLimits limits;
    private final int pagesMax;
    private final Taken taken;
    private final Cleaner.Cleanable cleanable;
    private byte[] bytes;
    private int size;
    private DataSegment[] segments = new DataSegment[0];
    private boolean isClosed;

    /** @throws UninstantiableException if the budget has no room for the memory's first pages */
    FlatMemory(MemoryLimits limits, WasmMemoryBudget budget) {
        this.limits = limits;
        this.pagesMax = Math.min(limits.maximumPages(), PAGES_MAX);
        this.size = Math.multiplyExact(limits.initialPages(), PAGE_SIZE);
        this.taken = new Taken(budget);
        if (!taken.take(size)) {
            throw new UninstantiableException("its memory of " + size + " bytes does not fit into the "
                    + budget.limitBytes() + " bytes that all WebAssembly memories may take together, of which "
                    + budget.usedBytes() + " are taken");
        }
        this.cleanable = CLEANER.register(this, taken);
        this.bytes = new byte[size];
    }

    /** What this memory has taken from the budget. Knows nothing of the memory, so that it can outlive it. */
    private static final class Taken implements Runnable {
        private final WasmMemoryBudget budget;
        private final AtomicLong bytes = new AtomicLong();

        Taken(WasmMemoryBudget budget) {
            this.budget = budget;
        }

        boolean take(long more) {
            if (!budget.tryTake(more)) {
                return false;
            }
            bytes.addAndGet(more);
            return true;
        }

        void giveBack(long fewer) {
            bytes.addAndGet(-fewer);
            budget.giveBack(fewer);
        }

        @Override
        public void run() {
            budget.giveBack(bytes.getAndSet(0));
        }
    }

    /** Gives the memory back; it is empty from then on and cannot grow. */
    @Override
    public void close() {
        bytes = new byte[0];
        size = 0;
        isClosed = true;
        cleanable.clean();
    }

    /** The array itself, for host calls; valid until the guest grows its memory. Only {@link #size} bytes of it count. */
    byte[] array() {
        return bytes;
    }

    int size() {
        return size;
    }

    /** Whether the range lies in the memory; both are unsigned. */
    boolean isInBounds(int address, int length) {
        return address >= 0 && length >= 0 && length <= size - address;
    }

    @Override
    public int pages() {
        return size / PAGE_SIZE;
    }

    @Override
    public int grow(int morePages) {
        int before = pages();
        if (isClosed || morePages < 0 || morePages > pagesMax - before) {
            return -1;
        }
        int wanted = (before + morePages) * PAGE_SIZE;
        if (wanted > bytes.length) {
            byte[] larger = allocate(wanted);
            if (larger == null) {
                return -1;
            }
            System.arraycopy(bytes, 0, larger, 0, size);
            int oldLength = bytes.length;
            bytes = larger;
            taken.giveBack(oldLength);
        }
        size = wanted;
        return before;
    }

    /** Null when the budget or the heap has no room for it: the guest is told so, as WebAssembly has it. */
    private byte @Nullable [] allocate(int wanted) {
        int roomy = wanted < SLACK_FROM_BYTES ? wanted : withSlack(wanted);
        byte[] larger = allocateExactly(roomy);
        return larger == null && roomy > wanted ? allocateExactly(wanted) : larger;
    }

    /** While the old array is copied both count, as both are there. */
    private byte @Nullable [] allocateExactly(int length) {
        if (!taken.take(length)) {
            return null;
        }
        try {
            return new byte[length];
        } catch (OutOfMemoryError e) {
            taken.giveBack(length);
            return null;
        }
    }

    private int withSlack(int wanted) {
        long half = wanted + (long) (wanted >> 1);
        return (int) Math.min(half, (long) pagesMax * PAGE_SIZE);
    }

    @Override
    public int initialPages() {
        return limits.initialPages();
    }

    @Override
    public int maximumPages() {
        return pagesMax;
    }

    @Override
    public boolean shared() {
        return false;
    }

    @Override
    public Object lock(int address) {
        return this;
    }

    @Override
    public int waitOn(int address, int expected, long timeoutNanos) {
        throw new WasmRuntimeException("expected shared memory");
    }

    @Override
    public int waitOn(int address, long expected, long timeoutNanos) {
        throw new WasmRuntimeException("expected shared memory");
    }

    @Override
    public int notify(int address, int count) {
        check(address, Integer.BYTES);
        return 0;
    }

    // Data segments

    @Override
    public void initialize(Instance instance, DataSegment[] dataSegments) {
        initialize(instance, dataSegments, 0);
    }

    /** The array is the instance's own, and the instance drops segments in it: it must be the same here. */
    @Override
    public void initialize(Instance instance, DataSegment @Nullable [] dataSegments, int memoryIndex) {
        if (dataSegments == null) {
            return;
        }
        keepSegments(dataSegments);
        for (int i = 0; i < segments.length; i++) {
            if (segments[i] instanceof ActiveDataSegment active) {
                if (active.index() == memoryIndex) {
                    place(instance, active);
                }
                segments[i] = PassiveDataSegment.EMPTY;
            }
        }
    }

    void keepSegments(DataSegment[] dataSegments) {
        segments = dataSegments;
    }

    private void place(Instance instance, ActiveDataSegment segment) {
        int offset = (int) ConstantEvaluators.computeConstantValue(instance, segment.offsetInstructions())[0];
        byte[] data = segment.data();
        if (!isInBounds(offset, data.length)) {
            throw new UninstantiableException("out of bounds memory access: a data segment of " + data.length
                    + " bytes at " + Integer.toUnsignedString(offset) + " does not fit into " + size + " bytes");
        }
        System.arraycopy(data, 0, bytes, offset, data.length);
    }

    @Override
    public void initPassiveSegment(int segment, int target, int offset, int length) {
        byte[] data = segments[segment].data();
        if (offset < 0 || length < 0 || length > data.length - offset) {
            throw outOfBounds(offset, length, data.length);
        }
        write(target, data, offset, length);
    }

    @Override
    public void drop(int segment) {
        segments[segment] = PassiveDataSegment.EMPTY;
    }

    // Bulk access

    @Override
    public void write(int address, byte[] source, int offset, int length) {
        check(address, length);
        System.arraycopy(source, offset, bytes, address, length);
    }

    @Override
    public byte[] readBytes(int address, int length) {
        check(address, length);
        return Arrays.copyOfRange(bytes, address, address + length);
    }

    @Override
    public void zero() {
        Arrays.fill(bytes, 0, size, (byte) 0);
    }

    /** Fills from one address to another, the latter excluded. */
    @Override
    public void fill(byte value, int from, int to) {
        if (from < 0 || to < from || to > size) {
            throw outOfBounds(from, to - from, size);
        }
        Arrays.fill(bytes, from, to, value);
    }

    @Override
    public void copy(int target, int source, int length) {
        check(source, length);
        check(target, length);
        System.arraycopy(bytes, source, bytes, target, length);
    }

    // Scalar access. The one comparison against the size covers what lies in the slack; the array's own check never
    // fires.

    @Override
    public byte read(int address) {
        if (address < 0 || address >= size) {
            throw outOfBounds(address, Byte.BYTES, size);
        }
        return bytes[address];
    }

    @Override
    public void writeByte(int address, byte value) {
        if (address < 0 || address >= size) {
            throw outOfBounds(address, Byte.BYTES, size);
        }
        bytes[address] = value;
    }

    @Override
    public short readShort(int address) {
        check2(address);
        return (short) SHORT.get(bytes, address);
    }

    @Override
    public long readU16(int address) {
        return readShort(address) & 0xffffL;
    }

    @Override
    public void writeShort(int address, short value) {
        check2(address);
        SHORT.set(bytes, address, value);
    }

    @Override
    public int readInt(int address) {
        check4(address);
        return (int) INT.get(bytes, address);
    }

    @Override
    public void writeI32(int address, int value) {
        check4(address);
        INT.set(bytes, address, value);
    }

    @Override
    public long readLong(int address) {
        check8(address);
        return (long) LONG.get(bytes, address);
    }

    @Override
    public void writeLong(int address, long value) {
        check8(address);
        LONG.set(bytes, address, value);
    }

    @Override
    public float readFloat(int address) {
        check4(address);
        return (float) FLOAT.get(bytes, address);
    }

    /** The bits, so that a signalling NaN survives. */
    @Override
    public long readF32(int address) {
        return readInt(address);
    }

    @Override
    public void writeF32(int address, float value) {
        check4(address);
        FLOAT.set(bytes, address, value);
    }

    @Override
    public double readDouble(int address) {
        check8(address);
        return (double) DOUBLE.get(bytes, address);
    }

    @Override
    public long readF64(int address) {
        return readLong(address);
    }

    @Override
    public void writeF64(int address, double value) {
        check8(address);
        DOUBLE.set(bytes, address, value);
    }

    private void check2(int address) {
        if (address < 0 || address > size - Short.BYTES) {
            throw outOfBounds(address, Short.BYTES, size);
        }
    }

    private void check4(int address) {
        if (address < 0 || address > size - Integer.BYTES) {
            throw outOfBounds(address, Integer.BYTES, size);
        }
    }

    private void check8(int address) {
        if (address < 0 || address > size - Long.BYTES) {
            throw outOfBounds(address, Long.BYTES, size);
        }
    }

    private void check(int address, int length) {
        if (!isInBounds(address, length)) {
            throw outOfBounds(address, length, size);
        }
    }

    private static WasmRuntimeException outOfBounds(int address, int length, int limit) {
        return new WasmRuntimeException("out of bounds memory access: " + Integer.toUnsignedString(length)
                + " bytes at " + Integer.toUnsignedString(address) + " of " + limit);
    }
}
