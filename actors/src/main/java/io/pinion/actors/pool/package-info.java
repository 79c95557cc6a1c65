/** Lives here: the child actor that makes a database's module instances off the core, lends them and takes them back. May not: run a guest function. */
@NullMarked
package io.pinion.actors.pool;

import org.jspecify.annotations.NullMarked;
