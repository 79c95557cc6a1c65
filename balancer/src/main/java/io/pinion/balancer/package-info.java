/**
 * Lives here: the reports of load, the plan that follows from them, and the singleton that carries it out with
 * {@code Rebind} and {@code Relocate}. May not: anything of a database but its protocol.
 */
@NullMarked
package io.pinion.balancer;

import org.jspecify.annotations.NullMarked;
