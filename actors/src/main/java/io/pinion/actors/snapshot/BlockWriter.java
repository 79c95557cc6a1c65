package io.pinion.actors.snapshot;

import io.pinion.actors.durability.RowListCodec;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSink;
import io.pinion.store.value.BsatnWriter;

/** Gathers the rows of one table into blocks and cuts those into chunks. Used by one thread; tables come one by one. */
final class BlockWriter implements RowSink {
    /** A row's length beside its bytes, and what stands before the rows. */
    private static final int ROW_OVERHEAD_BYTES = 4;

    private static final int BLOCK_OVERHEAD_BYTES = 8;
    private static final int ROWS_MAX = 1 << 16;

    private final long offset;
    private final int partBytesMax;
    private final Output output;
    private final ChunkChain chain = new ChunkChain();
    private final BsatnWriter block = new BsatnWriter(1 << 12);
    private RowList rows = new RowList();
    private int tableId;
    private long rowCount;

    /** Where chunks go; may block. */
    interface Output {
        void chunk(byte[] event);
    }

    BlockWriter(long offset, int eventBytesMax, Output output) {
        this.offset = offset;
        this.partBytesMax = eventBytesMax - ChunkCodec.OVERHEAD_BYTES;
        this.output = output;
    }

    /** The rows of that table come now; those of the one before are complete. */
    void begin(int id) {
        end();
        tableId = id;
    }

    @Override
    public void row(byte[] source, int start, int length) {
        long bytes =
                (long) BLOCK_OVERHEAD_BYTES + rows.length() + length + (long) ROW_OVERHEAD_BYTES * (rows.count() + 1);
        if (rows.count() == ROWS_MAX || bytes > partBytesMax) {
            end();
        }
        rows.row(source, start, length);
        rowCount++;
    }

    /** Writes what was gathered. */
    void end() {
        if (rows.count() == 0) {
            return;
        }
        block.reset();
        RowListCodec.write(block, rows);
        int partCount = Math.ceilDiv(block.length(), partBytesMax);
        for (int part = 0; part < partCount; part++) {
            int at = part * partBytesMax;
            int length = Math.min(partBytesMax, block.length() - at);
            byte[] event =
                    ChunkCodec.write(offset, chain.count(), tableId, part, partCount, block.buffer(), at, length);
            chain.add(ChunkCodec.checksum(event));
            output.chunk(event);
        }
        rows = new RowList();
    }

    ChunkChain chain() {
        return chain;
    }

    long rowCount() {
        return rowCount;
    }
}
