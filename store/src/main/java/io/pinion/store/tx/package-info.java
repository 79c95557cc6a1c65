/**
 * Lives here: the datastore of one database, its transactions, undo and deltas. May not: SQL text, engines, actors.
 */
@NullMarked
package io.pinion.store.tx;

import org.jspecify.annotations.NullMarked;
