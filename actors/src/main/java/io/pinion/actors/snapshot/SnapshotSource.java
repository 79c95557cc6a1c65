package io.pinion.actors.snapshot;

import io.pinion.actors.durability.IndexEntry;
import io.pinion.actors.durability.LogPosition;
import io.pinion.actors.durability.RequestWindow;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.SchemaIds;
import io.pinion.store.value.Identity;

/**
 * What a snapshot is taken of: the state of a database after some commit.
 *
 * @param view closed by whoever writes the snapshot
 * @param requests outcomes of calls that may be repeated, as of that commit
 * @param mark in the database's outbox, behind that commit
 * @param log an event of the log that holds nothing newer
 */
public record SnapshotSource(
        Identity database,
        FrozenView view,
        SchemaIds ids,
        IndexEntry.ProgramFacts program,
        RequestWindow.Content requests,
        SnapshotMark mark,
        LogPosition log) {}
