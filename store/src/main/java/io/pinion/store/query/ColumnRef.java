package io.pinion.store.query;

/**
 * A column of a query.
 *
 * @param source position of its table among those that the query reads
 * @param column position in the rows of that table
 */
record ColumnRef(int source, int column) {}
