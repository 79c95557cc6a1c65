/** Lives here: the threads that run databases, and the dispatcher that binds a database to one of them. May not: know what a database is. */
@NullMarked
package io.pinion.actors.core;

import org.jspecify.annotations.NullMarked;
