/**
 * Lives here: what procedures need beyond reducers: threads of their own, the right to write on loan, HTTP requests to
 * others. May not: know databases, read or write tables.
 */
@NullMarked
package io.pinion.actors.procedure;

import org.jspecify.annotations.NullMarked;
