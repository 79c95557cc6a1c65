package io.pinion.actors.subscription;

import io.pinion.store.tx.RowList;
import io.pinion.store.value.AlgebraicType.Product;

/**
 * Rows that one fragment of a query yields.
 *
 * @param table canonical name of the table or view that they are rows of
 * @param rowType without references
 * @param rows BSATN; never changed
 */
public record ResultRows(int tableId, String table, Product rowType, RowList rows) {}
