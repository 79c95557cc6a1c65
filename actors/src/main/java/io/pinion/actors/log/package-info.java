/** Lives here: the module logs: files by day, the one thread that writes them, reading and following. May not: actors, what is logged. */
@NullMarked
package io.pinion.actors.log;

import org.jspecify.annotations.NullMarked;
