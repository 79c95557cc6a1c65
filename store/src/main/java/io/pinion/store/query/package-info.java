/**
 * Lives here: SQL text, its checked plan and its evaluation. May not: anything that changes a table.
 */
@NullMarked
package io.pinion.store.query;

import org.jspecify.annotations.NullMarked;
