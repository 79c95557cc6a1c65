package io.pinion.actors.database;

import io.pinion.actors.backup.ArchiveWriter;
import io.pinion.actors.backup.BackupManifest.Table;
import io.pinion.actors.backup.PartKind;
import io.pinion.actors.durability.IndexCodec;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.Programs;
import io.pinion.actors.snapshot.StateCopy;
import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.SystemRecords;
import io.pinion.store.tx.TableInfo;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Writes the parts of a backup that all kinds of it have. What says who is connected, and by which credentials, stays out.
 * Used by one thread at a time, which may block.
 */
final class BackupParts {
    private static final long READ_TIMEOUT_SECONDS = 60;

    private final ArchiveWriter archive;
    private final Programs programs;
    private List<Table> tables = List.of();

    BackupParts(ArchiveWriter archive, Programs programs) {
        this.archive = archive;
        this.programs = programs;
    }

    static boolean isInterrupted() {
        return Thread.currentThread().isInterrupted();
    }

    /** @throws IllegalStateException if the journal does not have it */
    void program(Bytes hash) {
        Bytes program = programs.read(hash)
                .toCompletableFuture()
                .orTimeout(READ_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .join()
                .orElseThrow(() -> new IllegalStateException("the program " + hash.toHex() + " is not in the journal"));
        frame(PartKind.PROGRAM, program.unsafeArray());
    }

    /**
     * A state with its program.
     *
     * @param rows hands over its chunks
     */
    void state(IndexEntry.Snapshot state, Consumer<StateCopy> rows) {
        program(state.program().programHash());
        frame(PartKind.STATE, IndexCodec.write(state.with(IndexEntry.Chunks.NONE)));
        StateCopy copy =
                new StateCopy(state.offset(), SystemRecords::isOfConnections, chunk -> frame(PartKind.ROWS, chunk));
        rows.accept(copy);
        tables = tables(state, copy.counts());
    }

    /** Of the newest state. */
    List<Table> tables() {
        return tables;
    }

    private static List<Table> tables(IndexEntry.Snapshot state, Map<Integer, StateCopy.Count> counts) {
        Datastore schema;
        try {
            schema = Datastore.restore(ModuleDef.of(state.program().definition()), state.ids());
        } catch (InvalidModuleDefException e) {
            throw new IllegalStateException("the definition of a published module is not valid", e);
        }
        return new TreeMap<>(counts)
                .entrySet().stream()
                        .map(table -> new Table(
                                schema.table(table.getKey())
                                        .map(TableInfo::name)
                                        .orElseThrow(),
                                table.getValue().rows(),
                                table.getValue().bytes()))
                        .toList();
    }

    void frame(PartKind kind, byte[] bytes) {
        try {
            archive.frame(kind, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
