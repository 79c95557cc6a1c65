/**
 * Lives here: which connections of a database want which rows, and what each commit means for them. May not: actors,
 * wire formats, HTTP.
 */
@NullMarked
package io.pinion.actors.subscription;

import org.jspecify.annotations.NullMarked;
