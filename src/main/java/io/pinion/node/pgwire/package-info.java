/**
 * Lives here: SQL for clients that speak PostgreSQL's protocol: the messages, the conversation, values as texts. May not:
 * HTTP, the actors' insides, what statements mean.
 */
@NullMarked
package io.pinion.node.pgwire;

import org.jspecify.annotations.NullMarked;
