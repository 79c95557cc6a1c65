/**
 * Lives here: the HTTP routes of a node, from request to command and from outcome to answer. May not: the actors' insides,
 * the command line.
 */
@NullMarked
package io.pinion.node.http;

import org.jspecify.annotations.NullMarked;
