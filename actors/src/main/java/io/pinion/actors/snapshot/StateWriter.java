package io.pinion.actors.snapshot;

import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.RequestCodec;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.RowSource;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.TableInfo;
import java.util.function.BooleanSupplier;

/** Makes chunks of the tables of a frozen view, those of events excepted, and of outcomes of calls. Used once, by one thread, which may block. */
final class StateWriter {
    private final FrozenView view;
    private final RequestWindow.Content requests;
    private final BlockWriter blocks;
    private final BooleanSupplier isStopping;

    /** @param offset of the state */
    StateWriter(
            FrozenView view,
            RequestWindow.Content requests,
            long offset,
            int eventBytesMax,
            BooleanSupplier isStopping,
            BlockWriter.Output output) {
        this.view = view;
        this.requests = requests;
        this.blocks = new BlockWriter(offset, eventBytesMax, output);
        this.isStopping = isStopping;
    }

    void write() {
        RowSource rows = view.reader(isStopping);
        for (TableInfo table : view.tables()) {
            if (!table.isEvent()) {
                blocks.begin(table.id());
                int code = rows.scanTable(table.id(), blocks);
                if (code != StoreCode.OK) {
                    throw new IllegalStateException("table " + table.name() + " cannot be read: " + code);
                }
            }
        }
        blocks.begin(RequestCodec.TABLE_ID);
        RequestCodec.write(requests, blocks);
        blocks.end();
    }

    /**
     * What was written.
     *
     * @param sequenceNrFirst of the chunks
     */
    IndexEntry.Chunks chunks(long sequenceNrFirst, long sequenceNrLast) {
        ChunkChain chain = blocks.chain();
        return chain.count() == 0
                ? new IndexEntry.Chunks(1, 0, chain.checksum(), 0)
                : new IndexEntry.Chunks(sequenceNrFirst, sequenceNrLast, chain.checksum(), blocks.rowCount());
    }
}
