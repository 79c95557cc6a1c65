/**
 * Lives here: a Pekko Persistence journal with its query side, and a snapshot store, in one embedded RocksDB, usable by any Pekko application.
 * May not: anything of Pinion's other modules; this package knows Pekko, RocksDB and SLF4J alone.
 *
 * <pre>
 *   persistent actors ──> RocksDbJournal ───────┐  encoded records    ┌────────────┐  one synced WriteBatch
 *                                               ├───────────────────> │ CommitLoop │ ─────────────────────> Database
 *   persistent actors ──> RocksDbSnapshotStore ─┘                     └────────────┘   for all that waits      │
 *            ^                                                                                                 │
 *            └───────────────────────── Replay, point reads (replay dispatcher) <──────────────────────────────┤
 *   streams <──────────────────────────── RocksDbReadJournal (read dispatcher) <──────────────────────────────┘
 * </pre>
 */
@NullMarked
package io.pinion.journal;

import org.jspecify.annotations.NullMarked;
