/** Lives here: a node as a whole: its configuration, how its parts are put together, its start and its end. May not: routes, the command line. */
@NullMarked
package io.pinion.node;

import org.jspecify.annotations.NullMarked;
