/**
 * Lives here: module definitions as modules emit them (V8, V9, V10), and the one validated model they become. May not:
 * rows, transactions.
 */
@NullMarked
package io.pinion.store.schema;

import org.jspecify.annotations.NullMarked;
