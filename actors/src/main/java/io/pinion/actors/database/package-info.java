/** Lives here: the protocol of a database, its logic as a plain class, and the actor that drives it. May not: HTTP, engines other than through the module interfaces. */
@NullMarked
package io.pinion.actors.database;

import org.jspecify.annotations.NullMarked;
