/**
 * Lives here: source text for clients of a module, made from the definition that the schema endpoint gives. May not: files,
 * the network, anything else of the node.
 */
@NullMarked
package io.pinion.node.bindings;

import org.jspecify.annotations.NullMarked;
