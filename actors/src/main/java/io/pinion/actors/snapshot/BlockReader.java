package io.pinion.actors.snapshot;

import io.pinion.actors.durability.CorruptEventException;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.RequestCodec;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.actors.durability.RowListCodec;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.Delta;
import io.pinion.store.tx.Delta.TableDelta;
import io.pinion.store.tx.RowList;
import io.pinion.store.value.BsatnWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fills a datastore with the chunks of a snapshot, which come in order, and collects its requests. One thread at a time. */
final class BlockReader {
    private final IndexEntry.Snapshot snapshot;
    private final Datastore target;
    private final ChunkChain chain = new ChunkChain();
    private final RequestCodec requests = new RequestCodec();
    private @Nullable BsatnWriter collected;
    private int partNext;
    private long rowCount;

    BlockReader(IndexEntry.Snapshot snapshot, Datastore target) {
        this.snapshot = snapshot;
        this.target = target;
    }

    /** A chunk, and its rows if it is a whole block. */
    record Decoded(Chunk chunk, @Nullable RowList rows) {
        /** Any thread. */
        static Decoded of(byte[] event) {
            Chunk chunk = ChunkCodec.read(event);
            return new Decoded(chunk, chunk.partCount() == 1 ? rows(chunk) : null);
        }

        private static RowList rows(Chunk chunk) {
            return RowListCodec.read(
                    chunk.bytes().unsafeArray(), 0, chunk.bytes().length());
        }
    }

    /** @throws CorruptEventException if it is not the next chunk of this snapshot */
    void chunk(Decoded next) {
        Chunk chunk = next.chunk();
        if (chunk.offset() != snapshot.offset() || chunk.index() != chain.count() || chunk.part() != partNext) {
            throw new CorruptEventException("chunk " + chunk.index() + " of the snapshot at offset " + chunk.offset()
                    + " stands where chunk " + chain.count() + " of that at " + snapshot.offset() + " should");
        }
        chain.add(chunk.checksum());
        RowList rows = next.rows();
        if (rows != null) {
            insert(chunk.tableId(), rows);
        } else {
            part(chunk);
        }
    }

    private void part(Chunk chunk) {
        BsatnWriter block = collected;
        if (block == null) {
            block = new BsatnWriter(chunk.bytes().length() * 2);
            collected = block;
        }
        block.writeRaw(chunk.bytes());
        partNext++;
        if (partNext == chunk.partCount()) {
            insert(chunk.tableId(), RowListCodec.read(block.buffer(), 0, block.length()));
            collected = null;
            partNext = 0;
        }
    }

    private void insert(int tableId, RowList rows) {
        rowCount += rows.count();
        if (tableId == RequestCodec.TABLE_ID) {
            for (int row = 0; row < rows.count(); row++) {
                requests.read(rows.unsafeArray(), rows.start(row), rows.end(row) - rows.start(row));
            }
            return;
        }
        target.apply(new Delta(List.of(new TableDelta(tableId, rows, new RowList(0, 0)))));
    }

    /** Of the blocks that are whole. */
    long rowCount() {
        return rowCount;
    }

    /** What the snapshot holds besides tables; when it has ended. */
    RequestWindow.Content requests() {
        return requests.content();
    }

    /** @throws CorruptEventException if a chunk is missing */
    void end() {
        IndexEntry.Chunks chunks = snapshot.chunks();
        long count = chunks.sequenceNrLast() - chunks.sequenceNrFirst() + 1;
        if (chain.count() != count || chain.checksum() != chunks.checksum() || rowCount != chunks.rowCount()) {
            throw new CorruptEventException("the snapshot at offset " + snapshot.offset() + " has " + count
                    + " chunks and " + chunks.rowCount() + " rows, of which " + chain.count() + " and " + rowCount
                    + " are there");
        }
        finish();
    }

    /** As {@link #end}, where the chunks have been counted elsewhere. */
    void finish() {
        if (collected != null) {
            throw new CorruptEventException("the last block of the snapshot at offset " + snapshot.offset()
                    + " breaks off after part " + partNext);
        }
        target.apply(new Delta(List.of(), snapshot.sequences()));
    }
}
