package io.pinion.actors.durability;

import io.pinion.store.value.BsatnWriter;
import java.util.List;

/**
 * Entries of consecutive offsets outside a journal. Their bytes are those of a batch of epoch 0: see {@link EventCodec}.
 * Used by one thread.
 */
public final class EntryBlock {
    private final BsatnWriter out = new BsatnWriter(1 << 12);
    private long offsetFirst;
    private int count;

    /** @param offset the next, or any if nothing was added since {@link #take} */
    public void add(long offset, LogEntry entry) {
        if (count == 0) {
            offsetFirst = offset;
            EventCodec.beginBatch(out, 0, offset);
        } else if (offset != offsetFirst + count) {
            throw new IllegalArgumentException("offset " + offset + " does not follow " + (offsetFirst + count - 1));
        }
        EventCodec.addEntry(out, entry);
        count++;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /** What it has come to so far. */
    public int bytes() {
        return count == 0 ? 0 : out.length();
    }

    /** What was added, as bytes, after which it is empty. */
    public byte[] take() {
        byte[] block = EventCodec.finishBatch(out, 0, offsetFirst, count, Integer.MAX_VALUE)
                .getFirst();
        count = 0;
        return block;
    }

    /** @param entries at least one */
    public record Entries(long offsetFirst, List<LogEntry> entries) {
        public Entries {
            entries = List.copyOf(entries);
        }
    }

    /** @throws CorruptEventException if the bytes are no such block, damaged, or of a newer version */
    public static Entries read(byte[] block) {
        if (EventCodec.read(block) instanceof Event.Batch batch
                && !batch.entries().isEmpty()) {
            return new Entries(batch.offsetFirst(), batch.entries());
        }
        throw new CorruptEventException("a block of entries holds none");
    }
}
