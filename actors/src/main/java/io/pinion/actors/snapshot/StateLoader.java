package io.pinion.actors.snapshot;

import io.pinion.actors.durability.CorruptEventException;
import io.pinion.actors.durability.IndexEntry;
import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;

/** Makes the tables of a state from its chunks, wherever those come from. Used by one thread at a time. */
public final class StateLoader {
    private final IndexEntry.Snapshot state;
    private final ModuleDef definition;
    private final Datastore store;
    private final BlockReader blocks;

    private StateLoader(IndexEntry.Snapshot state, ModuleDef definition, Datastore store) {
        this.state = state;
        this.definition = definition;
        this.store = store;
        this.blocks = new BlockReader(state, store);
    }

    /** @throws CorruptEventException if there cannot be such tables */
    public static StateLoader of(IndexEntry.Snapshot state) {
        try {
            ModuleDef definition = ModuleDef.of(state.program().definition());
            return new StateLoader(state, definition, Datastore.restore(definition, state.ids()));
        } catch (InvalidModuleDefException | IllegalArgumentException e) {
            throw new CorruptEventException("the definition of the state is not valid: " + e.getMessage(), e);
        }
    }

    /** @throws CorruptEventException if it is not the next chunk of this state */
    public void chunk(byte[] event) {
        blocks.chunk(BlockReader.Decoded.of(event));
    }

    /** Rows that are in the tables so far. */
    public long rowCount() {
        return blocks.rowCount();
    }

    /** All chunks were there, as whoever has read them knows. */
    public Snapshots.Loaded end() {
        blocks.finish();
        return loaded();
    }

    BlockReader blocks() {
        return blocks;
    }

    Snapshots.Loaded loaded() {
        return new Snapshots.Loaded(state, definition, store, blocks.requests());
    }
}
