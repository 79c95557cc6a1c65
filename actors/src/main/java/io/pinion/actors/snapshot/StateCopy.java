package io.pinion.actors.snapshot;

import io.pinion.actors.durability.RequestCodec;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.Bytes;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * The chunks of a state on their way out of the node: without the tables that stay here and without the outcomes of calls,
 * which mean nothing elsewhere; numbered anew, and counted. Used by
 * one thread at a time.
 */
public final class StateCopy {
    private final long offset;
    private final IntPredicate staysHere;
    private final Consumer<byte[]> output;
    private final Map<Integer, Count> counts = new TreeMap<>();
    private int index;

    /** Of one table; {@code bytes} are those of its rows and their lengths. */
    public record Count(long rows, long bytes) {
        static final Count NONE = new Count(0, 0);

        Count plus(long moreRows, long moreBytes) {
            return new Count(rows + moreRows, bytes + moreBytes);
        }
    }

    /**
     * @param offset of the state where it goes
     * @param staysHere told by the id of a table
     * @param output gets each chunk; may block
     */
    public StateCopy(long offset, IntPredicate staysHere, Consumer<byte[]> output) {
        this.offset = offset;
        this.staysHere = staysHere;
        this.output = output;
    }

    /** Takes all tables of a view. */
    public void view(FrozenView view, int eventBytesMax, BooleanSupplier isStopping) {
        new StateWriter(view, RequestWindow.Content.EMPTY, offset, eventBytesMax, isStopping, this::chunk).write();
    }

    /** @throws io.pinion.actors.durability.CorruptEventException if the bytes are no chunk, or damaged */
    public void chunk(byte[] event) {
        Chunk chunk = ChunkCodec.read(event);
        if (chunk.tableId() == RequestCodec.TABLE_ID || staysHere.test(chunk.tableId())) {
            return;
        }
        Bytes bytes = chunk.bytes();
        // A block begins with the number of its rows.
        long rows = chunk.part() == 0 ? new BsatnReader(bytes).readU32() : 0;
        Count before = counts.getOrDefault(chunk.tableId(), Count.NONE);
        counts.put(chunk.tableId(), before.plus(rows, bytes.length()));
        output.accept(ChunkCodec.write(
                offset,
                index++,
                chunk.tableId(),
                chunk.part(),
                chunk.partCount(),
                bytes.unsafeArray(),
                0,
                bytes.length()));
    }

    /** By the ids of the tables that have rows. */
    public Map<Integer, Count> counts() {
        return Map.copyOf(counts);
    }
}
