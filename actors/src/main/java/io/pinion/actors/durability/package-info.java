/** Lives here: the events of a database, the child that writes them to the journal, and the outbox of answers that wait for it. May not: decide what is committed. */
@NullMarked
package io.pinion.actors.durability;

import org.jspecify.annotations.NullMarked;
