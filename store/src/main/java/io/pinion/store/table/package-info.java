/**
 * Lives here: rows as BSATN bytes in pages, and the indexes over them. May not: transactions, schemas as modules emit
 * them.
 */
@NullMarked
package io.pinion.store.table;

import org.jspecify.annotations.NullMarked;
