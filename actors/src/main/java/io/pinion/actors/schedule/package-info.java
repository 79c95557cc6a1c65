/** Lives here: what is due when, for the rows of schedule tables. May not: open transactions. */
@NullMarked
package io.pinion.actors.schedule;

import org.jspecify.annotations.NullMarked;
