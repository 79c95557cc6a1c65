/**
 * Lives here: what operators see and do: the management server with Pekko's routes and those under {@code /pinion}, what nodes
 * ask each other for it, health, metrics, the audit log. May not: the command line, the store's insides.
 *
 * <pre>
 *   request → gate → route ─┬─ database, by its entity
 *                           ├─ every node's agent → what is on that node
 *                           └─ Pekko Management
 *                 │
 *                 └→ audit log, if it is a change
 * </pre>
 */
@NullMarked
package io.pinion.node.management;

import org.jspecify.annotations.NullMarked;
