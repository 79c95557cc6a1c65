/**
 * Lives here: the command line: starting a node, and talking to one over HTTP as any client does. May not: routes, actors,
 * anything a client could not do.
 */
@NullMarked
package io.pinion.node.cli;

import org.jspecify.annotations.NullMarked;
