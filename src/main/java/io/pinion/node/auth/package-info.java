/** Lives here: the node's signing keys, the tokens it mints and accepts, and who they stand for. May not: HTTP, databases. */
@NullMarked
package io.pinion.node.auth;

import org.jspecify.annotations.NullMarked;
