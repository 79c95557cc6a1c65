/**
 * Lives here: snapshots of databases, their writing from frozen views, loading, and how long they and the logs before them are kept. May not: know the actors of databases, read or write tables that are in use.
 *
 * <pre>
 *   frozen view ── rows ──> chunks-&lt;identity&gt; ── all durable, and the log up to the view ──> manifest in index-&lt;identity&gt;
 *                                                                                             │
 *   index, chunks, log before the oldest snapshot kept: deleted, in this order <──────────────┘
 * </pre>
 */
@NullMarked
package io.pinion.actors.snapshot;

import org.jspecify.annotations.NullMarked;
